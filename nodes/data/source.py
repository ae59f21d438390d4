"""Sources: where values enter a drawing. The engine feeds their outputs at every step.

Which data sets there are and what each is asked comes from their declarations (see `data_sets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.data.data_sets import DATA_SETS
from nodes.param import Choice, Float, Int, Shape, Text
from nodes.shared import card_label
from nodes.spec import Family, Layer, N, Port, Role, TensorSpec

if TYPE_CHECKING:
    import torch

DATA_SETS.discover()


class DataSource(Layer):
    """A data set: hands out samples and their targets, batch by batch.

    Pick one that comes with Layerloom, or your own pictures, tables, arrays or texts. `input` and `target`
    come from the same samples; several data nodes go in step, each in an order of its own unless it is
    paired with another. The validation part is held back: fixed where the data set has one, else drawn
    once by the project's seed (of series and texts it is the end).
    """

    title = "Data set"
    type = "data"
    family = Family.DATA
    role = Role.SOURCE
    words = ("dataset", "input", "images", "pictures", "img", "folder", "csv", "table", "mnist", "text")
    inputs = ()
    outputs = (
        Port("input", "what the network sees", dtype="any"),
        Port("target", "labels or values to predict", dtype="any", side=True),
    )

    dataset = Choice(
        "fashion-mnist",
        choices=tuple(DATA_SETS),
        titles=DATA_SETS.titles(),
        label="Data set",
        help="A data set that comes with Layerloom, or yours.",
    )
    paired_with = Text(
        "",
        suggestions="sources",
        advanced=True,
        help="Another data node whose order it follows, so that their samples come together; empty: its own.",
    )

    @classmethod
    def refresh(cls) -> None:
        """Take choices, parameters and names to search by from the data sets as they are now."""
        choice, paired = cls.params["dataset"], cls.params["paired_with"]
        assert isinstance(choice, Choice)
        choice.choices, choice.titles = tuple(DATA_SETS), DATA_SETS.titles()
        cls.params = {"dataset": choice, **DATA_SETS.params(), "paired_with": paired}
        cls.aliases = (*cls.words, "series", "numpy", "npz", "idx", *DATA_SETS)

    def card_label(self) -> str:
        return DATA_SETS[self.dataset](self.values).card_label()


DataSource.refresh()


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
        """Values for so many samples, on the device of the generator."""
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
