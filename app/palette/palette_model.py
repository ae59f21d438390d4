"""The rows of the palette: the definitions of the project, then every declared layer under its family.

They come from the project and the registry alone; how they are shown and dragged is in `palette`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.canvas.editing import block_library
from app.canvas.editing.definition_edits import layer_for, placeable
from app.state.session import Session
from nodes.layers.scan import Scan
from nodes.layers.structure import Block, Network
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer


@dataclass(frozen=True)
class FamilyHeading:
    """The line above the rows of a section; `key` is what is remembered of it when it is folded."""

    title: str
    key: str
    family: str


@dataclass(frozen=True)
class Offer:
    """One row: what is put on the canvas, a layer or a definition of this project."""

    title: str
    layer: str
    family: str
    summary: str
    definition: str = ""
    kind: str = ""
    library: str = ""

    @property
    def params(self) -> dict[str, str]:
        if self.library:
            return {"library": self.library}
        return {"definition": self.definition} if self.definition else {}


Row = FamilyHeading | Offer
OWN = FamilyHeading("This project", "project", "structure")
LIBRARY = FamilyHeading("My blocks", "library", "structure")
Index = QModelIndex | QPersistentModelIndex


def offer_of(layer: type[Layer]) -> Offer:
    """The row of a declared layer."""
    return Offer(layer.title, layer.type, layer.family.value, layer.summary())


_SHARING = {Network.type: "one set of weights", Scan.type: "run step by step over time"}


def definition_offers(session: Session) -> list[Offer]:
    """The definitions that can stand in the graph on show, each as it is placed already."""
    found = []
    for name in placeable(session):
        layer = layer_for(session.project, name)
        words = _SHARING.get(layer, "weights of its own")
        found.append(Offer(name, layer, "structure", f"A {layer} of this project: {words}.", name, layer))
    return found


def library_offers() -> list[Offer]:
    """The user's own blocks."""
    words = "One of your own blocks: a file that every project can use."
    return [Offer(name, Block.type, "structure", words, library=name) for name in block_library.listed()]


class PaletteModel(QAbstractListModel):
    """Sections and what they offer as rows; folded ones show their heading only."""

    def __init__(self, folded: Iterable[str] = ()) -> None:
        super().__init__()
        self.folded = set(folded)
        self.own: list[Offer] = []
        self.library: list[Offer] = []
        self._text = ""
        self.rows: list[Row] = []
        self.rebuild()

    def rebuild(self) -> None:
        """Read the registry again."""
        self.beginResetModel()
        self.rows = self._found() if self._text else self._all()
        self.endResetModel()

    def show_own(self, offers: list[Offer]) -> None:
        """The project's definitions are these now."""
        if offers != self.own:
            self.own = offers
            self.rebuild()

    def show_library(self, offers: list[Offer]) -> None:
        """The user's own blocks are these now."""
        if offers != self.library:
            self.library = offers
            self.rebuild()

    def search(self, text: str) -> None:
        self._text = text.strip()
        self.rebuild()

    def toggle(self, heading: FamilyHeading) -> None:
        """Fold or unfold a section."""
        self.folded ^= {heading.key}
        self.rebuild()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Offer):
            return f"{row.title}\n{row.summary}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.rows[index.row()], FamilyHeading):
            return Qt.ItemFlag.ItemIsEnabled
        enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return enabled | Qt.ItemFlag.ItemIsDragEnabled

    def _all(self) -> list[Row]:
        rows: list[Row] = [*self._section(OWN, self.own), *self._section(LIBRARY, self.library)]
        shown = [layer for layer in REGISTRY.values() if layer.family is not Family.STRUCTURE]
        for family in Family:
            offers = [offer_of(layer) for layer in shown if layer.family is family]
            rows += self._section(FamilyHeading(family.heading, family.value, family.value), offers)
        return rows

    def _section(self, heading: FamilyHeading, offers: list[Offer]) -> list[Row]:
        if not offers:
            return []
        return [heading, *(() if heading.key in self.folded else offers)]

    def _found(self) -> list[Row]:
        words = self._text.lower().split()
        mine = (*self.own, *self.library)
        own = [offer for offer in mine if all(word in offer.title.lower() for word in words)]
        layers = [layer for layer in REGISTRY.search(self._text) if layer.family is not Family.STRUCTURE]
        return [*own, *(offer_of(layer) for layer in layers)]
