"""A chart as panels use it: heading, direct legend with current values, plot, and a menu of what can be done.

The plot (and pyqtgraph with it) is made when the first values come. Series are kept here, so that a hidden
chart goes on collecting and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.charts import export
from app.charts.legend import Colour, Legend, LegendEntry
from app.charts.series import Floats, Series
from app.widgets.buttons import IconButton
from app.widgets.menus import Menu
from app.widgets.numbers import current, number
from app.widgets.text import heading

if TYPE_CHECKING:
    from app.charts.plot import Plot

Show = Callable[[float], str]


class Chart(QWidget):
    """Curves over training steps under one heading."""

    failed = Signal(str)  # an export that could not be written, in a sentence
    exported = Signal(str)

    def __init__(self, title: str, show_value: Show = current, show_tick: Show = number) -> None:
        super().__init__()
        self.title, self._show_value, self._show_tick = title, show_value, show_tick
        self.setAccessibleName(title)
        self.series: dict[str, Series] = {}
        self._looks: dict[str, tuple[str, Colour, bool, float]] = {}
        self._smoothed: set[str] = set()
        self.hidden: set[str] = set()
        self.notes: list[tuple[int, str]] = []
        self.plot: Plot | None = None
        self.log = False
        self.smoothing = 0.0
        self.fixed_range: tuple[float, float] | None = None
        self.of_shares = False
        self.heading = heading(title)
        self.heading.setStyleSheet("font-size: 13px;")
        self.legend = Legend()
        self.legend.clicked.connect(self.toggle)
        self.menu_button = IconButton("dots-horizontal", f"Save or change the {title.lower()} chart")
        self.menu_button.setFixedSize(20, 20)
        self.menu_button.clicked.connect(self._open_menu)
        self.head = QHBoxLayout()
        self.head.setSpacing(6)
        self.head.addWidget(self.heading)
        self.head.addSpacing(4)
        self.head.addWidget(self.legend, 1)
        self.head.addWidget(self.menu_button)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.column.addLayout(self.head)
        self.column.addStretch(1)
        self.setMinimumHeight(120)

    # Data ------------------------------------------------------------------------------------------------

    def add_curve(
        self,
        key: str,
        name: str,
        colour: Colour,
        *,
        raw: bool = False,
        smooth: bool = False,
        width: float = 2.0,
    ) -> None:
        """A curve to come. `raw` shows the values faint under their running mean, `smooth` the mean alone.

        One with the mean alone is a part of another curve.
        """
        if key not in self._looks:
            self._looks[key] = (name, colour, raw, width)
            if raw or smooth:
                self._smoothed.add(key)
            self.series[key] = Series(self.smoothing if raw or smooth else 0.0)
            if self.plot is not None:
                self._show_curve(key)

    def remove_curve(self, key: str) -> None:
        """Forget one curve."""
        del self.series[key], self._looks[key]
        self._smoothed.discard(key)
        self.hidden.discard(key)
        if self.plot is not None:
            self.plot.remove_curve(key)

    def order(self, keys: Sequence[str]) -> None:
        """Let the legend and the crosshair name these curves, which are all there are, in this order."""
        self._looks = {key: self._looks[key] for key in keys}
        if self.plot is not None:
            self.plot.curves = {key: self.plot.curves[key] for key in keys}

    def extend(self, key: str, steps: Sequence[float] | Floats, values: Sequence[float] | Floats) -> None:
        """Append values; nothing is drawn before `refresh`."""
        self.series[key].extend(steps, values)

    def clear(self) -> None:
        """Forget all curves: another run."""
        self.series, self._looks, self.notes = {}, {}, []
        self._smoothed, self.hidden = set(), set()
        self.legend.show_entries([])
        if self.plot is not None:
            self.plot.clear_curves()
            self.plot.refresh()

    def mark(self, notes: Sequence[tuple[int, str]]) -> None:
        """What is to be known of some steps: flags at these, with sentences. Drawn at the next `refresh`."""
        self.notes = list(notes)
        if self.plot is not None:
            self.plot.notes = self.notes

    def toggle(self, key: str) -> None:
        """Leave a curve out, or take it in again; the last one stays."""
        shown = [other for other, held in self.series.items() if len(held) and other not in self.hidden]
        if key in self.hidden:
            self.hidden.discard(key)
        elif len(shown) > 1:
            self.hidden.add(key)
        if self.plot is not None:
            self.plot.set_shown(key, key not in self.hidden)
        self.refresh()

    def refresh(self) -> None:
        """Draw what came since the last time, once; nothing while hidden."""
        if not self.isVisible():
            return
        if self.plot is None and any(len(held) for held in self.series.values()):
            self._make_plot()
        self._write_legend()
        if self.plot is not None:
            self.plot.refresh()

    def legend_value(self, held: Series) -> float:
        """The value that the legend gives for a curve: the newest one as it is drawn."""
        return held.last

    def _write_legend(self) -> None:
        entries = []
        for key, (name, colour, raw, _) in self._looks.items():
            held = self.series[key]
            if not len(held):  # nothing was measured: there is no curve to name
                continue
            value = self._show_value(self.legend_value(held)) if key not in self.hidden else ""
            entries.append(
                LegendEntry(key, colour, name, value, key in self.hidden, key in self._smoothed and not raw)
            )
        self.legend.show_entries(entries)

    def _make_plot(self) -> None:
        from app.charts.plot import Plot

        self.plot = Plot()
        self.plot.log, self.plot.fixed_range = self.log, self.fixed_range
        self.plot.of_shares = self.of_shares
        self.plot.show_tick, self.plot.notes = self._show_tick, self.notes
        last = self.column.takeAt(self.column.count() - 1)
        assert last is not None
        self.column.addWidget(self.plot, 1)
        for key in self._looks:
            self._show_curve(key)

    def _show_curve(self, key: str) -> None:
        assert self.plot is not None
        name, colour, raw, width = self._looks[key]
        self.plot.add_curve(key, name, colour, self.series[key], raw=raw, width=width)
        if key in self.hidden:
            self.plot.set_shown(key, False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # What can be done ------------------------------------------------------------------------------------

    def set_log(self, log: bool) -> None:
        """Logarithmic values, or plain ones."""
        self.log = log
        if self.plot is not None:
            self.plot.set_log(log)

    def set_smoothing(self, smoothing: float) -> None:
        """The weight of the past in the running mean of raw curves, in [0, 1)."""
        self.smoothing = smoothing
        for key in self._smoothed:
            self.series[key].set_smoothing(smoothing)
        self.refresh()

    def reset_view(self) -> None:
        if self.plot is not None:
            self.plot.reset_view()

    def make_menu(self) -> Menu:
        """Every action of the chart."""
        menu = Menu(self)
        log = menu.add("Logarithmic scale")
        log.setCheckable(True)
        log.setChecked(self.log)
        log.setVisible(self.fixed_range is None)
        log.toggled.connect(self.set_log)
        menu.add("Show all steps", self.reset_view)
        menu.addSeparator()
        for kind in ("PNG", "SVG", "CSV"):
            action: QAction = menu.add(f"Save as {kind} …")
            action.setEnabled(any(len(held) for held in self.series.values()))
            action.triggered.connect(partial(self._ask_and_save, kind))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.make_menu().popup(event.globalPos())

    def _open_menu(self) -> None:
        self.make_menu().popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _ask_and_save(self, kind: str) -> None:
        name = f"{self.title.lower().replace(' ', '-')}.{kind.lower()}"
        chosen, _ = QFileDialog.getSaveFileName(
            self, f"Save {self.title.lower()} as {kind}", name, f"*.{kind.lower()}"
        )
        if chosen:
            self.save(Path(chosen))

    def controls(self) -> tuple[QWidget, ...]:
        """What is for the hand and not for the eye; pictures leave it out."""
        return (self.menu_button,)

    def _save_picture(self, path: Path) -> None:
        shown = [widget for widget in self.controls() if not widget.isHidden()]
        for widget in shown:
            widget.hide()
        try:
            write = export.write_svg if path.suffix == ".svg" else export.write_png
            write(self, path)
        finally:
            for widget in shown:
                widget.show()

    def save(self, path: Path) -> None:
        """Write the chart; the ending says as what: .png, .svg or .csv."""
        try:
            if path.suffix == ".csv":
                export.write_csv({self._looks[key][0]: held for key, held in self.series.items()}, path)
            else:
                self._save_picture(path)
        except OSError as error:
            self.failed.emit(f"The chart was not saved: {error}")
        else:
            self.exported.emit(f"Saved {path.name}")
