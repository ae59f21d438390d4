"""Sources: where values enter a drawing. The engine feeds their outputs at every step.

The names of the data sets and what is said of them come from `resources/data/catalogue.json`; how they are
read is the engine's business.
"""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING

import resources
from nodes.param import SOURCES, Choice, Float, Int, Paths, Shape, Size, Text
from nodes.shared import card_label
from nodes.spec import Family, Layer, N, Port, Role, TensorSpec

if TYPE_CHECKING:
    import torch

CATALOGUE: dict[str, dict[str, str]] = json.loads((resources.DATA / "catalogue.json").read_text("utf-8"))
"""Data set name -> title, kind, licence, description and, where it is fixed, the line for the card."""


def _of_kind(kind: str) -> tuple[str, ...]:
    return tuple(name for name, entry in CATALOGUE.items() if entry["kind"] == kind)


def _titles() -> dict[str, str]:
    """What a form shows for each data set: its title; of a second with the same, also what its name adds."""
    titles: dict[str, str] = {}
    for name, entry in CATALOGUE.items():
        taken = entry["title"] in titles.values()
        titles[name] = f"{entry['title']} {name.rpartition('-')[2]}" if taken else entry["title"]
    return titles


OWN = ("image-folder", "csv-file", "array-file", "idx-files", "series-file", "text-file")
IMAGES, POINTS, SERIES, TEXTS = (_of_kind(kind) for kind in ("images", "points", "series", "text"))
CLOUDS, TRUTH_TABLES = _of_kind("cloud"), _of_kind("truth")
CLOUD_SAMPLES = 2000
"""Points of a cloud, unless another number is asked for."""
CLASSES = tuple(name for name in POINTS if name not in ("plane", "bumps"))
COLUMNS = ("csv-file", "series-file")
WITH_PATH = (*OWN, "fashion-mnist-full", "cifar-10")
SHUFFLED = ("digits", "wine", "diabetes", *POINTS, "image-folder", "csv-file", "array-file", "idx-files")
SPLIT = (*SHUFFLED, *SERIES, *TEXTS)


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
    aliases = (
        *(
            "dataset",
            "input",
            "images",
            "pictures",
            "img",
            "folder",
            "csv",
            "table",
            "mnist",
            "text",
            "series",
        ),
        *("numpy", "npz", "idx", *CATALOGUE),
    )
    inputs = ()
    outputs = (
        Port("input", "what the network sees", dtype="any"),
        Port("target", "labels or values to predict", dtype="any", side=True),
    )

    dataset = Choice(
        "fashion-mnist",
        choices=tuple(CATALOGUE),
        titles=_titles(),
        label="Data set",
        help="A data set that comes with Layerloom, or yours.",
    )
    path = Text(
        "",
        suggestions="path",
        visible_if=("dataset", WITH_PATH),
        help="File or folder. A relative one starts at the folder of the project file.",
    )
    input_columns = Text(
        "",
        visible_if=("dataset", COLUMNS),
        help="Columns that go in, by commas; empty: all but the target (series: the last).",
    )
    target_columns = Text(
        "",
        visible_if=("dataset", ("csv-file",)),
        help="Columns to predict, separated by commas; empty: the last.",
    )
    task = Choice(
        "auto",
        choices=("auto", "classification", "regression"),
        visible_if=("dataset", ("csv-file", "array-file")),
        help="Predict a class or a number; auto: a class where the targets are words or few whole numbers.",
    )
    size = Size(
        0,
        dims=2,
        max=2048,
        visible_if=("dataset", IMAGES),
        unit="px",
        zero="as it is",
        help="Height and width; 0: as they are.",
    )
    fit = Choice(
        "crop",
        choices=("crop", "stretch", "pad"),
        visible_if=("dataset", IMAGES),
        advanced=True,
        help="Where the proportions differ: cut the edges, distort, or fill up with black.",
    )
    colour = Choice(
        "auto", choices=("auto", "grey", "rgb"), visible_if=("dataset", IMAGES), help="Channels: 1 or 3."
    )
    features = Text(
        "x1, x2",
        visible_if=("dataset", POINTS),
        help="What goes in, separated by commas: x1, x2, x1^2, x2^2, x1*x2, sin(x1), sin(x2).",
    )
    points = Text(
        "",
        visible_if=("dataset", ("drawn-points",)),
        help="Points in the unit square, as `x y; x y; …`; draw them on the pad.",
    )
    noise = Float(0.0, min=0.0, max=0.5, visible_if=("dataset", POINTS), help="How far points stray, 0–0.5.")
    labels = Choice(
        "class",
        choices=("class", "0 or 1", "-1 or 1"),
        visible_if=("dataset", CLASSES),
        advanced=True,
        help="Targets as class numbers (for cross-entropy) or as one value each.",
    )
    window = Int(24, min=1, max=100_000, visible_if=("dataset", SERIES), help="Past values that go in.")
    horizon = Int(1, min=1, max=10_000, visible_if=("dataset", SERIES), help="Next values to predict.")
    context = Int(64, min=1, max=100_000, visible_if=("dataset", TEXTS), help="Characters of one sample.")
    stride = Int(
        0,
        visible_if=("dataset", TEXTS),
        zero="context",
        advanced=True,
        help="Characters from one sample to the next; 0: `context`.",
    )
    samples = Int(
        0,
        max=10_000_000,
        zero="all",
        visible_if=("dataset", tuple(name for name in CATALOGUE if name not in TRUTH_TABLES)),
        help="Use this many samples; 0: all (2-D sets: 500 to 2,000).",
    )
    validation = Float(
        0.2,
        min=0.0,
        max=0.9,
        visible_if=("dataset", SPLIT),
        help="Share held back to measure how well it does.",
    )
    scaling = Choice(
        "auto",
        choices=("auto", "none", "0-1", "standardise"),
        advanced=True,
        help="Numbers as they are, in 0–1, or with mean 0 and deviation 1; auto: as suits the data set.",
    )

    paired_with = Paths(
        "",
        form="one",
        suggestions=SOURCES,
        advanced=True,
        help="Another data node whose order it follows, so that their samples come together; empty: its own.",
    )

    def card_label(self) -> str:
        entry = CATALOGUE[self.dataset]
        if self.dataset in OWN:
            return PurePath(self.path).name or "choose a file"
        if self.dataset in CLOUDS:
            return f"{self.samples or CLOUD_SAMPLES:,} points"
        if entry["kind"] == "points":
            count = self.samples or (500 if self.dataset in CLASSES else 1200)
            return f"{count:,} · noise {self.noise:g}"
        return entry["telling"]


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
