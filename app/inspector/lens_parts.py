"""What the inspector shows of a run for one node: its kernels and its feature maps, live.

Each part names the lens it needs while it is on screen; frames come through the bridge.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal

from app.lenses.feature_maps import MapTiles, map_tiles
from app.lenses.kernels import kernel_tiles
from app.lenses.tile_grid import TileGrid
from app.widgets.buttons import IconButton
from app.widgets.section import Heading, Section
from app.widgets.text import body
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest


class LensPart(Section):
    """A heading with a note and a grid of maps; a sentence instead while there is nothing to show."""

    kind = ""

    def __init__(self, title: str, grid: TileGrid, empty: str, **section: Any) -> None:
        super().__init__(**section)
        self.heading = Heading(title)
        self.grid = grid
        self.empty = body(empty)
        self.target = ""
        self.frame: LensFrame | None = None
        self._live = False
        self.add(self.heading)
        self.add(self.grid)
        self.add(self.empty)
        self.grid.hide()
        self.grid.pointed.connect(self._write_note)

    def request(self) -> LensRequest:
        return LensRequest(self.kind, self.target)

    def look_at(self, target: str) -> None:
        """Another node: what was seen of the last one goes."""
        if target != self.target:
            self.target, self.frame = target, None
            self.grid.hide()
            self.empty.show()
            self._write_note("")

    def show_frame(self, frame: LensFrame | None, *, live: bool) -> None:
        """Show what the lens saw; the same frame again only renews the note."""
        self._live = live
        tiles = self.tiles(frame) if frame is not None and frame is not self.frame else None
        if tiles is not None:
            self.frame = frame
            self.grid.show_tiles(tiles)
            self.grid.show()
            self.empty.hide()
        self._write_note("")

    def tiles(self, frame: LensFrame) -> MapTiles | None:
        raise NotImplementedError

    def note(self) -> str:
        raise NotImplementedError

    def _write_note(self, pointed: str) -> None:
        if not pointed and self.grid.hovered is not None:
            return
        self.heading.note.setText(pointed or (self.note() if self.frame is not None else ""))


class KernelsPart(LensPart):
    """The weights of the node."""

    kind = "kernels"

    def __init__(self) -> None:
        grid = TileGrid("kernel", height_limit=130)
        super().__init__("Kernels", grid, "Press Play to see the weights change.", bottom=4)
        self._name = ""

    def tiles(self, frame: LensFrame) -> MapTiles | None:
        self._name = _telling(frame.arrays)
        return kernel_tiles(frame.arrays[self._name]) if self._name else None

    def note(self) -> str:
        assert self.frame is not None
        tiles = self.grid.tiles
        part = "" if self._name == "weight" else f"{self._name} · "
        if tiles is not None and tiles.count < tiles.total:
            part += f"{tiles.count} of {tiles.total:,} · "
        return f"{part}{'live · ' if self._live else ''}step {self.frame.step:,}"


def _telling(arrays: dict[str, Any]) -> str:
    """The name of the array that shows best what was learned: `weight`, else the largest matrix, else any."""
    if "weight" in arrays and arrays["weight"].size:
        return "weight"
    ranked = sorted((value.ndim >= 2, value.size, name) for name, value in arrays.items() if value.size)
    return str(ranked[-1][2]) if ranked else ""


class FeatureMapsPart(LensPart):
    """What the node computes for the pinned sample; the arrows pin another one."""

    kind = "feature_maps"
    step_sample = Signal(int)

    def __init__(self) -> None:
        empty = "Press Play to see what this layer makes of a sample."
        super().__init__("Feature maps", TileGrid("map"), empty, line=False, top=8)
        self.sample = 0
        self.back = IconButton("chevron-left", "Show the sample before")
        self.next = IconButton("chevron-right", "Show the next sample")
        for button, step in ((self.back, -1), (self.next, 1)):
            button.setFixedSize(18, 18)
            button.setIconSize(QSize(14, 14))
            button.clicked.connect(lambda _=False, step=step: self.step_sample.emit(step))
            self.heading.row.addWidget(button)
            button.hide()

    def tiles(self, frame: LensFrame) -> MapTiles | None:
        output = frame.arrays.get("output")
        return map_tiles(output) if output is not None and output.size else None

    def show_frame(self, frame: LensFrame | None, *, live: bool) -> None:
        super().show_frame(frame, live=live)
        for button in (self.back, self.next):
            button.setVisible(live)

    def show_sample(self, index: int) -> None:
        """Which sample is pinned."""
        self.sample = index
        self.back.setEnabled(index > 0)
        self._write_note("")

    def note(self) -> str:
        tiles = self.grid.tiles
        more = f"{tiles.count} of {tiles.total} · " if tiles is not None and tiles.count < tiles.total else ""
        shared = " · shared scale" if tiles is not None and tiles.count > 1 and not more else ""
        return f"{more}sample {self.sample}{shared}"
