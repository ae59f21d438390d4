"""What can be done with the samples on show: how they are drawn, copying them, and saving them as PNG or GIF.

Writing a moving picture happens in a thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.lenses import sample_export
from app.lenses.sample_canvas import GAPS
from app.lenses.sampled import DOTS, IMAGES, AxisRange, Sampled, bounds_of
from app.samples.samples_view import SamplesView
from app.style import theme
from app.widgets.background_task import BackgroundTask
from app.widgets.menus import Menu

_GAP_WORDS = dict(zip(GAPS, ("none", "narrow", "wide"), strict=True))
Moment = Callable[[], tuple[str, Sampled | None]]


@dataclass(frozen=True, eq=False)
class _Film:
    """A moving picture to be written: what it shows is read one by one."""

    path: Path
    moments: tuple[Moment, ...]
    style: sample_export.Style


def _write(film: _Film) -> str:
    """Write it; the sentence that says why not, where it cannot be done."""
    try:
        read = (make() for make in film.moments)
        moments = [(words, sampled) for words, sampled in read if sampled is not None]
        sample_export.write_gif(sample_export.frames(moments, film.style), film.path)
    except OSError as error:
        return f"{film.path.name} was not saved: {error}"
    return ""


class SampleActions(QObject):
    """The menu of one view."""

    told = Signal(str, str)  # message, kind

    def __init__(self, view: SamplesView) -> None:
        super().__init__(view)
        self._view = view
        self.name = "samples"
        self._writing = BackgroundTask("writing samples", _write, self)
        self._writing.answered.connect(self._written)
        self._writing.failed.connect(self._not_written)

    def wait(self) -> None:
        """Until what is being written is done."""
        self._writing.wait()

    # The menu ----------------------------------------------------------------------------

    def make_menu(self, parent: QWidget) -> Menu:
        """Every action on what is on show."""
        menu, shown = Menu(parent), self._view.canvas.sampled
        if shown is not None:
            self._add_looks(menu, shown)
        menu.add("Copy picture", self.copy)
        scales = menu.add_menu("Save as PNG")
        for scale in sample_export.SCALES:
            words = f"{scale}× · {_size(self.picture(scale))}" if shown is not None else f"{scale}×"
            scales.add(words, partial(self._ask_png, scale))
        films = menu.add_menu("Save as GIF")
        through = films.add("Through the run …")
        through.setEnabled(len(self._view.kept.steps) > 1)
        through.triggered.connect(partial(self._ask_gif, self.run_moments))
        whole = self._view.sampled
        is_film = whole is not None and whole.film
        trail = films.add("The walk …" if is_film else "From noise to sample …")
        trail.setEnabled(whole is not None and whole.stages > 1)
        trail.triggered.connect(partial(self._ask_gif, self.trail_moments))
        for action in menu.actions():
            action.setEnabled(action.isEnabled() and shown is not None)
        self._add_weights(menu)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_weights(self, menu: Menu) -> None:
        """From which checkpoint of the run it is drawn, where there are several."""
        draws, points = self._view.draws, self._view.draws.checkpoints()
        if len(points) < 2:
            return
        menu.addSeparator()
        held = menu.add_menu("Draw with the weights of")
        now = draws.weights()
        for point in reversed(points):
            words = "before training" if point.kind == "initial" else f"step {point.step:,} · {point.kind}"
            action = held.add(words[0].upper() + words[1:])
            action.setCheckable(True)
            action.setChecked(now is not None and now.path == point.path)
            action.triggered.connect(partial(self._draw_from, point.path))

    def _draw_from(self, path: Path) -> None:
        self._view.draws.choose(path)
        self._view.draws.draw([self._view.target])

    def _add_looks(self, menu: Menu, shown: Sampled) -> None:
        canvas = self._view.canvas
        if shown.kind == IMAGES:
            gaps = menu.add_menu("Space between pictures")
            for gap, words in _GAP_WORDS.items():
                action = gaps.add(words.capitalize())
                action.setCheckable(True)
                action.setChecked(gap == canvas.gap)
                action.triggered.connect(partial(canvas.set_gap, gap))
            menu.addSeparator()
        elif shown.kind == DOTS:
            for words, on, do in (
                ("Show the data", canvas.show_real, canvas.set_real),
                ("Show density", canvas.show_density, canvas.set_density),
            ):
                action = menu.add(words)
                action.setCheckable(True)
                action.setChecked(on)
                action.toggled.connect(do)
            menu.addSeparator()

    # Pictures ----------------------------------------------------------------------------

    def style(self, scale: int) -> sample_export.Style:
        """As it is on screen, at this scale."""
        canvas, shown = self._view.canvas, self._view.canvas.sampled
        bounds = bounds_of(shown) if shown is not None and shown.kind == DOTS else None
        return sample_export.Style(
            scale, canvas.gap, canvas.bounds or bounds, canvas.show_density, canvas.show_real, theme.current()
        )

    def picture(self, scale: int) -> QImage:
        """What is on show, at `scale` pixels for each of its own."""
        shown = self._view.canvas.sampled
        assert shown is not None
        return sample_export.picture(shown, self.style(scale))

    def copy(self) -> None:
        """Put what is on show on the clipboard, large enough to be seen."""
        shown = self._view.canvas.sampled
        if shown is not None:
            QGuiApplication.clipboard().setImage(self.picture(self._fitting_scale(shown)))
            self.told.emit("Copied the picture", "good")

    @staticmethod
    def _fitting_scale(shown: Sampled) -> int:
        """The largest scale whose picture is at most about 1,000 pixels wide."""
        wide = sample_export.picture(shown, sample_export.Style(1, bounds=_bounds(shown))).width()
        return max((scale for scale in sample_export.SCALES if scale * wide <= 1000), default=1)

    def _ask_png(self, scale: int) -> None:
        path = self._ask("PNG")
        if path is not None:
            self.save_png(path, scale)

    def save_png(self, path: Path, scale: int) -> None:
        """Write what is on show."""
        try:
            sample_export.write_png(self.picture(scale), path)
        except OSError as error:
            self.told.emit(str(error), "bad")
        else:
            self.told.emit(f"Saved {path.name}", "good")

    # Moving pictures ----------------------------------------------------------------------------

    def run_moments(self) -> tuple[Moment, ...]:
        """The kept moments of the run, each at the stage that is on show."""
        kept, stage = self._view.kept, self._view.stage
        read = kept.reader()

        def moment(step: int) -> tuple[str, Sampled | None]:
            found = read(step)
            return kept.words(step, found), found.at(stage) if found is not None else None

        return tuple(partial(moment, step) for step in kept.steps)

    def trail_moments(self) -> tuple[Moment, ...]:
        """The stages of the samples on show."""
        whole = self._view.sampled
        if whole is None:
            return ()
        last = whole.stages - 1
        of = "picture" if whole.film else "stage"
        return tuple(
            partial(lambda stage: (f"{of} {stage} / {last}", whole.at(stage)), stage)
            for stage in range(whole.stages)
        )

    def _ask_gif(self, moments: Callable[[], tuple[Moment, ...]]) -> None:
        path = self._ask("GIF")
        if path is not None:
            self.save_gif(path, moments())

    def save_gif(self, path: Path, moments: tuple[Moment, ...]) -> None:
        """Write these moments as a moving picture, in a thread of its own."""
        shown = self._view.canvas.sampled
        scale = self._fitting_scale(shown) if shown is not None else 1
        self._writing.ask(_Film(path, moments, self.style(min(4, scale))))

    def _written(self, film: _Film, problem: str) -> None:
        self.told.emit(problem or f"Saved {film.path.name}", "bad" if problem else "good")

    def _not_written(self, film: _Film, error: str) -> None:
        self.told.emit(f"{film.path.name} was not written: {error}", "bad")

    def _ask(self, kind: str) -> Path | None:
        chosen, _ = QFileDialog.getSaveFileName(
            self._view, f"Save the samples as {kind}", f"{self.name}.{kind.lower()}", f"*.{kind.lower()}"
        )
        if not chosen:
            return None
        path = Path(chosen)
        return path if path.suffix else path.with_suffix(f".{kind.lower()}")


def _bounds(shown: Sampled) -> AxisRange | None:
    return bounds_of(shown) if shown.kind == DOTS else None


def _size(image: QImage) -> str:
    return f"{image.width()} × {image.height()} px"
