"""Sources: where values enter a drawing. The engine feeds their outputs at every step.

Which data sets there are and what is asked for each comes from their declarations in `nodes/data_sets`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodes.at_first_use import at_first_use
from nodes.data_sets.registry import data_sets
from nodes.param import SOURCES, Choice, Float, Int, Param, Paths, Shape, Text
from nodes.shared import card_label
from nodes.spec import Family, Layer, N, Port, Role, TensorSpec

if TYPE_CHECKING:
    import torch

WORDS = (
    *("dataset", "input", "images", "pictures", "img", "folder", "csv", "table", "mnist", "text", "series"),
    *("numpy", "npz", "idx"),
)
"""What a data node is searched by, besides the names of all sets."""


def _form() -> dict[str, Param[Any]]:
    """The data set, the parameters of all sets, each shown for those that have it, and how it is drawn."""
    dataset = Choice(
        "fashion-mnist",
        choices=tuple(data_sets()),
        titles=data_sets().titles(),
        label="Data set",
        help="A data set that comes with Layerloom, or yours.",
    )
    paired_with = Paths(
        "",
        form="one",
        suggestions=SOURCES,
        advanced=True,
        help="Another data node whose order it follows, so that their samples come together; empty: its own.",
    )
    sampling = Choice(
        "shuffled",
        choices=("shuffled", "balanced", "weighted"),
        advanced=True,
        help="Each sample once an epoch, or drawn with replacement: classes alike often, or by weights.",
    )
    fingerprint = Text("", advanced=True, help="What its files were when it was added; a change is told.")
    form: dict[str, Param[Any]] = {
        "dataset": dataset,
        **data_sets().params(),
        "paired_with": paired_with,
        "sampling": sampling,
        "fingerprint": fingerprint,
    }
    for name, param in form.items():
        param.__set_name__(DataSource, name)
    return form


class DataSource(Layer):
    """A data set: hands out samples and their targets, batch by batch.

    Pick one that comes with Layerloom, or your own pictures, tables, arrays or texts. `input` and `target`
    come from the same samples; several data nodes go in step, each in an order of its own unless it is
    paired with another. Texts and sequences also give a `mask`, 1 where a sample is and 0 where it is filled
    up. The validation part is held back: fixed where the data set has one, else drawn
    once by the project's seed (of series and texts it is the end).
    """

    title = "Data set"
    type = "data"
    family = Family.DATA
    role = Role.SOURCE
    aliases = at_first_use(lambda: (*WORDS, *data_sets()))
    inputs = ()
    outputs = (
        Port("input", "what the network sees", dtype="any"),
        Port("target", "labels or values to predict", dtype="any", side=True),
    )
    params = at_first_use(_form)

    @property
    def dataset(self) -> str:
        """The name of the data set."""
        return str(self.values["dataset"])

    @property
    def paired_with(self) -> str:
        """The data node whose order it follows; empty: its own."""
        return str(self.values["paired_with"])

    @property
    def sampling(self) -> str:
        """How training samples are drawn: "shuffled", "balanced" or "weighted"."""
        return str(self.values["sampling"])

    def output_ports(self) -> tuple[Port, ...]:
        """`input`, `target`, and what the data set gives besides."""
        return (*self.outputs, *data_sets()[self.dataset].more)

    @property
    def fingerprint(self) -> str:
        """What its files were when it was added, as `engine.data.fingerprint` writes it; empty: not noted."""
        return str(self.values["fingerprint"])

    def card_label(self) -> str:
        return data_sets()[self.dataset](self.values).card_label()


class DrawnSource(Layer):
    """What a source shares that makes its values itself, from a random state of its own."""

    abstract = True
    family = Family.DATA
    role = Role.SOURCE
    inputs = ()
    outputs = (Port("output"),)

    def spec(self) -> TensorSpec:
        """What it hands out, with the batch dimension."""
        raise NotImplementedError(f"{self.title} does not say what it hands out")

    def draw(self, size: int, generator: torch.Generator) -> torch.Tensor:
        """Values for so many samples, on the device of the generator: the CPU, in a run."""
        raise NotImplementedError(f"{self.title} does not draw")


class Noise(DrawnSource):
    """Random numbers, fresh for every sample of every step.

    Each node draws from a random state of its own, which follows from the seed and its place: other sources
    do not change what it draws.
    """

    aliases = ("random", "latent", "z", "normal", "uniform", "truncated normal")

    shape = Shape((64,), min=1, min_length=1, help="Shape of one sample, without the batch dimension.")
    distribution = Choice(
        "normal",
        choices=("normal", "uniform", "truncated"),
        titles={"truncated": "truncated normal"},
        help="Normal (0, 1), uniform on [−1, 1], or normal without what lies far out.",
    )
    cut = Float(
        2.0,
        min=0.01,
        max=8.0,
        visible_if=("distribution", ("truncated",)),
        help="Largest absolute value of the truncated normal.",
    )
    scale = Float(1.0, min=0.0, help="The numbers are multiplied by this.")

    def spec(self) -> TensorSpec:
        return TensorSpec((N, *self.shape))

    def draw(self, size: int, generator: torch.Generator) -> torch.Tensor:
        from nodes.modules.source import noise

        return noise((size, *self.shape), self.distribution, self.cut, self.scale, generator)

    def card_label(self) -> str:
        kind = {"normal": "", "uniform": "uniform", "truncated": f"±{self.cut:g}"}
        return card_label.line(card_label.by(self.shape), kind[self.distribution])


class Constant(DrawnSource):
    """The same number everywhere, in every sample: a start for what is learned, a condition, a mask."""

    aliases = ("ones", "zeros", "fixed", "number", "fill")

    shape = Shape((1,), min=1, min_length=1, help="Shape of one sample, without the batch dimension.")
    value = Float(1.0, help="The number.")

    def spec(self) -> TensorSpec:
        return TensorSpec((N, *self.shape))

    def draw(self, size: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        return torch.full((size, *self.shape), self.value, device=generator.device)

    def card_label(self) -> str:
        return f"{card_label.by(self.shape)} · {self.value:g}".replace("-", "−")


class ClassLabels(DrawnSource):
    """Class numbers without a data set: what a conditional generator is asked to make.

    Integers `(N)`: at random, or each class in turn, beginning with 0 in every batch.
    """

    title = "Class labels"
    aliases = ("condition", "conditional", "cgan", "random labels", "classes", "target")
    outputs = (Port("output", "class numbers (N)", dtype="int"),)

    classes = Int(10, min=1, max=1 << 20, help="Number of classes.")
    order = Choice("random", choices=("random", "in turn"), help="At random, or each class in turn.")

    def spec(self) -> TensorSpec:
        return TensorSpec((N,), "int64", classes=self.classes)

    def draw(self, size: int, generator: torch.Generator) -> torch.Tensor:
        import torch

        if self.order == "in turn":
            return torch.arange(size, device=generator.device) % self.classes
        return torch.randint(self.classes, (size,), generator=generator, device=generator.device)

    def card_label(self) -> str:
        return card_label.line(f"{self.classes} classes", "in turn" if self.order == "in turn" else "")
