"""The vocabulary in which a data set is declared: what it is called, what is asked for it, how it is read.

A set is one class in one file of `nodes/data_sets`, or in a module that an installed package names in the
entry point group `layerloom.datasets`. The form of a data node, its card, search, shape inference, the
preview and training follow from it. Every process loads the declarations and few read data, so a declaration
imports NumPy, `nodes.reading` and whatever else is slow inside its methods, as a layer imports torch.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from nodes.param import Choice, Float, Int, Param, Text
from nodes.spec import Port

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.preview import SetPreview
    from nodes.reading.split import DividedSamples, Indices, SplitMarks
    from nodes.reading.unseen.rows import ColumnsRead, ExpectedData, UnseenRows

OF_THE_NODE = ("dataset", "paired_with", "sampling", "fingerprint")
"""Parameters that a data node has whatever its set."""
_SAID = ("title", "kind", "licence", "description")
KINDS = ("images", "table", "points", "series", "text", "texts", "sounds")
"""What samples are, which says how they are best shown."""


class DataSetDeclaration:
    """Base of every data set. An instance is a set with checked values of its parameters.

    Subclasses give the class attributes below, `describe` and `load`, and declare parameters as class
    attributes, as a layer does; those of a base class follow. A data node has one value for a parameter, so
    sets that share the name of one declare it alike. All methods may be called from any thread.
    """

    name: ClassVar[str] = ""  # in the file; empty: a base class for others
    title: ClassVar[str] = ""  # in the form and on the card
    kind: ClassVar[str] = ""  # one of `KINDS`
    licence: ClassVar[str] = ""
    description: ClassVar[str] = ""
    place: ClassVar[int] = 65  # the order in the list; sets of one place stand as declared
    keeps_errors: ClassVar[bool] = True  # whether an error stands until the signature changes
    more: ClassVar[tuple[Port, ...]] = ()  # outputs besides `input` and `target`, as a mask
    without: ClassVar[tuple[str, ...]] = ()  # parameters of a base class that this set does not have
    params: ClassVar[Mapping[str, Param[Any]]] = {}

    samples = Int(
        0, max=10_000_000, zero="all", help="Use this many samples; 0: all (2-D sets: 500 to 2,000)."
    )
    validation = Float(0.2, min=0.0, max=0.9, help="Share held back to measure how well it does.")
    scaling = Choice(
        "auto",
        choices=("auto", "none", "0-1", "standardise"),
        advanced=True,
        help="Numbers as they are, in 0–1, or with mean 0 and deviation 1; auto: as suits the data set.",
    )
    excluded = Text(
        "",
        advanced=True,
        help="Samples that are left out, by their number among the stored ones: 3, 17, 20-25.",
    )

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = cls.__dict__.get("name", "")
        found: dict[str, Param[Any]] = {}
        for base in cls.__mro__:
            for name, value in vars(base).items():
                if isinstance(value, Param) and name not in cls.without:
                    found.setdefault(name, value)
        cls.params = found
        if cls.name:
            _check(cls)

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        given = values or {}
        self.values: dict[str, Any] = {
            name: param.check(given[name]) if name in given else param.default
            for name, param in self.params.items()
        }
        self.excluded_count: int | None = None
        """How many samples `divided` left out, as they are excluded; None: it has not divided yet."""
        self.follows: DividedSamples | None = None
        """How the samples of its pair are divided, where another set says it: places of stored samples."""
        self.is_paired = False
        """Whether its rows go with those of another set, so that no sample may stand in for another."""

    # What a declaration gives ----------------------------------------------------------------

    def describe(self) -> DataInfo:
        """What is known without reading all: shapes, classes, counts. Called often. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not describe itself")

    def load(self, seed: int) -> DataSet:
        """The set ready to train on; the seed decides what is held back. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not load")

    # What a declaration may override ---------------------------------------------------------

    def card_label(self) -> str:
        """The line on the card before the set is described, as in `12,000 · 28×28`."""
        return ""

    @classmethod
    def recognise(cls, _path: Path) -> Recognised | None:
        """Whether this set can read a file or folder that was dropped; None: it cannot.

        Looks at names and the first bytes alone, within a tenth of a second, and raises nothing.
        """
        return None

    def look(self, seed: int) -> DataLook:
        """What was understood of the data, for somebody who has not seen them. Raises `DataError`.

        May read the data whole. A set with columns, arrays or doubts overrides this.
        """
        from nodes.reading.looking import look_at

        return look_at(self.describe(), self.load(seed), self.preview(seed))

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        """The parameters that give a part of the look this role (of `look.ROLES`). Raises `DataError`."""
        from nodes.reading.error import DataError

        raise DataError(f"{self.title}: Expected data whose columns have roles. Received {part!r} as {role}.")

    def columns_read(self) -> ColumnsRead | None:
        """The columns of a table that go in and are predicted, which a run keeps; None: no table."""
        return None

    def levels_read(self) -> tuple[float, float] | None:
        """The numbers that are black and white in deep pictures, where they were learnt from them."""
        return None

    def rate_read(self) -> int | None:
        """Samples a second that sounds are brought to; None: no sounds."""
        return None

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        """The rows of another file or folder, read as those of this set but without targets.

        `expected` is what the trained network was given; nothing is fitted to these rows. Raises `DataError`.
        """
        from nodes.reading.unseen.opening import unseen_rows

        return unseen_rows(path, expected, str(self.values.get("fit", "crop")))

    def preview(self, _seed: int) -> SetPreview | None:
        """What is shown of the set where that is not a few samples of its training part."""
        return None

    def folder(self) -> Path | None:
        """The file or folder that is read, where it can change."""
        return Path(self.values["path"]) if self.values.get("path") else None

    def signature(self) -> Hashable:
        """Changes whenever the files of the set do; what is kept in memory is then read again."""
        from nodes.reading.kept import signature

        path = self.folder()
        return signature(path) if path else None

    # What is derived -------------------------------------------------------------------------

    def scaling_or(self, usual: str) -> str:
        """The chosen scaling; `usual` where it is "auto"."""
        return usual if self.scaling == "auto" else self.scaling

    def divided(
        self,
        count: int,
        seed: int,
        marks: SplitMarks | None = None,
        kept: Indices | None = None,
        *,
        limit: int | None = None,
    ) -> DividedSamples:
        """So many rows, divided as the parameters `split`, `validation` and `samples` say; or as `follows`
        says, in a pair.

        `marks` has what is known of each row: classes, groups, an order, words or files that say it. `kept`
        are the places of the rows among the stored samples, ascending, where some were left out: give
        `DataSplit.places` from them. Raises `DataError` where what the chosen split goes by is missing.
        """
        import numpy as np

        from nodes.reading.excluded import places_of, rows_at
        from nodes.reading.split import SplitChoice, SplitMarks, divide

        left_out = rows_at(places_of(str(self.values.get("excluded", ""))), count, kept)
        if self.follows is not None:
            found = self.follows.among(np.arange(count) if kept is None else kept)
            return self._without(found, left_out)
        choice = SplitChoice(
            str(self.values.get("split", "auto")),
            float(self.values.get("validation", 0.0)),
            seed,
            int(self.values.get("samples", 0)) if limit is None else limit,
        )
        found = divide(count, choice, marks or SplitMarks(), str(self.folder() or self.title))
        return self._without(found, left_out)

    def _without(self, found: DividedSamples, left_out: Indices) -> DividedSamples:
        """The same without these rows. How many they are is kept of the first division, that of `load`."""
        from nodes.reading.excluded import divided_without

        found, count = divided_without(found, left_out)
        self.excluded_count = count if self.excluded_count is None else self.excluded_count
        return found

    def info(self, **known: Any) -> DataInfo:
        """A description with the name, title, kind, licence and description of this declaration."""
        from nodes.reading.dataset import DataInfo

        said = {field: getattr(self, field) for field in ("name", *_SAID)}
        return DataInfo(**{**said, "division": self.asked_division(), **known})

    def asked_division(self) -> str:
        """The division of `DataInfo` that the parameters ask for, of a set without one of its own."""
        kind = str(self.values.get("split", "auto"))
        if kind == "auto":
            columns = {"column": "split_column", "group": "group_column", "time": "order_column"}
            kind = next((kind for kind, name in columns.items() if self.values.get(name)), "random")
        return "shuffled" if kind == "random" else kind


def found_choice(*others: str, help: str, titles: Mapping[str, str] | None = None) -> Choice:  # noqa: A002
    """An advanced parameter that is found by looking, `auto`, unless somebody chooses one of `others`."""
    return Choice("auto", choices=("auto", *others), titles=titles, advanced=True, help=help)


def labels_param() -> Choice:
    """The parameter `several_labels`."""
    from nodes.reading.labels.choices import CHOICES, TITLES

    return Choice(
        "no",
        choices=CHOICES,
        titles=TITLES,
        advanced=True,
        help="Whether several labels can hold of a sample, and how they are written; auto: cells tell.",
    )


def path_param() -> Text:
    """The parameter `path`."""
    help_ = "File or folder. A relative one starts at the folder of the project file, ~ at your home folder."
    return Text("", suggestions="path", help=help_)


def split_param() -> Choice:
    """The parameter `split`, of sets whose samples `divided` divides."""
    return Choice(
        "auto",
        choices=("auto", "random", "stratified", "group", "time", "column"),
        help="How samples are held back; stratified: of each class its share; auto: as files or columns say.",
    )


def split_column_param() -> Text:
    """The parameter `split_column`."""
    return Text(
        "", advanced=True, help="Column with train, val or test for each sample; empty: none says it."
    )


def group_column_param() -> Text:
    """The parameter `group_column`."""
    return Text(
        "",
        advanced=True,
        help="Column whose equal values, a patient say, all train or all validate.",
    )


def order_column_param() -> Text:
    """The parameter `order_column`."""
    return Text("", advanced=True, help="Column of times or numbers; the last by it validate.")


def weight_column_param() -> Text:
    """The parameter `weight_column`; its numbers are the further output `weight`, `(samples)`."""
    return Text("", advanced=True, help="Column that says how much each sample counts; empty: all alike.")


def path_label(path: str) -> str:
    """The line on the card of a set that is read from a chosen file or folder."""
    return PurePath(path).name or "choose a file"


def _check(cls: type[DataSetDeclaration]) -> None:
    """Refuse a declaration with a mistake when its class is made, not when somebody first uses it."""
    where = f"data set {cls.__name__}"
    for field in ("name", *_SAID):
        value = getattr(cls, field)
        if not isinstance(value, str) or not value:
            raise TypeError(f"{where}: expected a `{field}`, received {value!r}")
    if not isinstance(cls.place, int):
        raise TypeError(f"{where}: expected a whole number as `place`, received {cls.place!r}")
    if cls.kind not in KINDS:
        raise TypeError(f"{where}: expected a `kind` of {', '.join(KINDS)}, received {cls.kind!r}")
    names = [port.name for port in cls.more]
    if len(set(names)) < len(names) or {"input", "target"} & set(names):
        raise TypeError(f"{where}: expected further outputs of names of their own, received {names}")
    for name, param in cls.params.items():
        if name in OF_THE_NODE:
            raise TypeError(f"{where}: parameter {name!r} belongs to the data node; give it another name")
        if not param.help:
            raise TypeError(f"{where}: parameter {name!r} needs a line of help")
        if param.visible_if is not None:
            raise TypeError(f"{where}: parameter {name!r} is shown whenever the set is chosen; no visible_if")
