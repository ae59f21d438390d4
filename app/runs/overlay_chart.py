"""The curves of several runs in one chart: one quantity at a time, a colour for each run.

What there is to show is found in the curves that it is given; it reads nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QPoint, Signal

from app.charts.series import Series as Curve
from app.lenses.samples import CATEGORIES
from app.runs.run_columns import title
from app.training.loss_chart import LossChart
from app.training.run_words import metrics, short
from app.training.training_charts import percent_tick
from app.widgets.buttons import Chip
from app.widgets.menus import Menu
from app.widgets.numbers import current, number, percent
from engine.document.project import Project
from engine.runs.archive import Curves, Series
from engine.runs.final_loss import MEANING, final_loss

MOST_WITH_NOISE = 2
"""Where more runs are shown, their raw values are left out: nobody could tell them apart."""


class Quantity(NamedTuple):
    """Something that runs measured: `kind` is "training", "validation", "term" or "rate"."""

    kind: str
    path: str

    def of(self, curves: Curves) -> Series | None:
        held = {
            "training": curves.losses,
            "validation": curves.validation,
            "term": curves.terms,
            "rate": curves.rates,
        }
        return held[self.kind].get(self.path)


def quantities(all_curves: list[Curves], project: Project) -> dict[Quantity, str]:
    """What these runs measured, with the words for it: losses first, then metrics, terms and rates."""
    found: dict[Quantity, str] = {}
    trained = {path for curves in all_curves for path in curves.losses}
    validated = [Quantity("validation", path) for curves in all_curves for path in curves.validation]
    names = [
        *(Quantity("training", path) for curves in all_curves for path in curves.losses),
        *sorted(validated, key=lambda name: name.path not in trained),
        *(Quantity("term", path) for curves in all_curves for path in curves.terms),
        *(Quantity("rate", path) for curves in all_curves for path in curves.rates),
    ]
    for name in names:
        found.setdefault(name, _words(name, trained, project))
    return found


def _words(name: Quantity, losses: set[str], project: Project) -> str:
    of = f" of {short(name.path)}" if len(losses) > 1 else ""
    if name.kind == "training":
        return f"Training loss{of}"
    if name.kind == "validation":
        return f"Validation loss{of}" if name.path in losses else title(name.path, project)
    if name.kind == "rate":
        return f"Learning rate{of}"
    return f"Term {name.path.rpartition('/')[2]}{of if '/' not in name.path else ''}"


@dataclass(frozen=True)
class ShownRun:
    """A run in the chart."""

    name: str
    colour: str
    curves: Curves


class OverlayChart(LossChart):
    """`show_runs` draws them; the chip in the heading chooses the quantity."""

    quantity_changed = Signal()

    def __init__(self) -> None:
        super().__init__("Curves")
        self.heading.hide()
        self.chooser = Chip("Training loss", "chevron-down")
        self.chooser.setToolTip("Choose what is shown")
        self.chooser.clicked.connect(self._open_chooser)
        self.head.insertWidget(0, self.chooser)
        self.head.removeWidget(self.legend)
        self.head.insertStretch(1, 1)
        self.column.insertWidget(1, self.legend)
        self.quantity: Quantity | None = None
        self._known: dict[Quantity, str] = {}
        self._runs: dict[Path, ShownRun] = {}
        self._project = Project()

    def show_runs(self, runs: Mapping[Path, ShownRun], project: Project) -> None:
        """Draw these and no others; what has been drawn already is only extended."""
        self._runs, self._project = dict(runs), project
        self._known = quantities([run.curves for run in runs.values()], project)
        if self.quantity not in self._known:
            self._take(next(iter(self._known), None))
        self._draw()

    def choose(self, quantity: Quantity) -> None:
        self._take(quantity)
        self._draw()
        self.quantity_changed.emit()

    def known(self) -> dict[Quantity, str]:
        return self._known

    def _take(self, quantity: Quantity | None) -> None:
        if quantity == self.quantity:
            return
        self.quantity = quantity
        self.clear()
        words = self._known.get(quantity, "Curves") if quantity is not None else "Curves"
        self.chooser.setText(words)
        self.title = words
        told = (
            f". The legend gives the {MEANING}"
            if quantity is not None and quantity.kind == "training"
            else ""
        )
        self.chooser.setToolTip(f"Choose what is shown{told}")
        self.setAccessibleName(words)
        share = quantity is not None and self._is_share(quantity)
        self.of_shares = share
        self._show_value, self._show_tick = (percent, percent_tick) if share else (current, number)
        if self.plot is not None:
            self.plot.of_shares, self.plot.show_tick = share, self._show_tick

    def _is_share(self, quantity: Quantity) -> bool:
        words = metrics(self._project).get(quantity.path)
        return quantity.kind == "validation" and words is not None and words.is_share

    def _draw(self) -> None:
        quantity = self.quantity
        found = {str(path): run for path, run in self._runs.items()}
        series = {
            key: held
            for key, run in found.items()
            if quantity is not None and (held := quantity.of(run.curves)) is not None and len(held[0])
        }
        noisy = len(series) <= MOST_WITH_NOISE
        for key in list(self.series):
            look = found.get(key)
            stale = key not in series or self._looks[key][0] != (look.name if look else "")
            if stale or (self._looks[key][2] != noisy and self._is_noise()):
                self.remove_curve(key)
        if series:
            self.fit_smoothing(max(int(steps[-1]) for steps, _ in series.values()))
        for key, (steps, values) in series.items():
            run = found[key]
            self.add_curve(
                key,
                run.name,
                partial(str, run.colour),
                raw=self._is_noise() and noisy,
                smooth=self._is_noise() and not noisy,
            )
            new = int(steps.searchsorted(self.series[key].steps[-1], "right")) if len(self.series[key]) else 0
            self.extend(key, steps[new:].astype(float), values[new:])
        self.order(list(series))
        self.reset_view()
        self.refresh()

    def legend_value(self, held: Curve) -> float:
        """Of training losses the figure that the comparison and the list of runs give."""
        is_final = self.quantity is not None and self.quantity.kind == "training"
        return final_loss(held.values) if is_final else held.last

    def _is_noise(self) -> bool:
        """Whether the quantity is measured at every step."""
        return self.quantity is not None and self.quantity.kind in ("training", "term")

    def _open_chooser(self) -> None:
        menu = self.quantity_menu()
        menu.popup(self.chooser.mapToGlobal(QPoint(0, self.chooser.height() + 2)))

    def quantity_menu(self) -> Menu:
        menu = Menu(self)
        for quantity, words in self._known.items():
            action = menu.add(words)
            action.setCheckable(True)
            action.setChecked(quantity == self.quantity)
            action.triggered.connect(partial(self.choose, quantity))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu


def colours(chosen: tuple[Path, ...], before: Mapping[Path, str]) -> dict[Path, str]:
    """A colour for each chosen run; those that had one keep it."""
    kept = {path: before[path] for path in chosen if path in before}
    for path in chosen:
        if path not in kept:
            used = list(kept.values())
            kept[path] = min(CATEGORIES, key=lambda tint: (used.count(tint), CATEGORIES.index(tint)))
    return kept
