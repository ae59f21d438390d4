"""The samples of one sampler with the ways back: through the run, and from noise to sample.

Shows what comes live at the right end of its timeline and what the run has kept at the other places. Knows
neither nodes nor where it stands: the inspector and the large panel both have one.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lenses.sample_canvas import SampleCanvas
from app.lenses.sampled import DOTS, Sampled, read_samples
from app.samples.reel import Reel
from app.state.kept_samples import KeptSamples
from app.state.run_controller import RunController
from app.training.outdated_notice import OutdatedNotice
from app.training.run_words import data_info
from app.widgets.buttons import Chip
from app.widgets.dimming import set_dimmed
from engine.messages.events import LensFrame

_THROUGH_RUN, _FROM_NOISE = "Play through the run", "Play from noise to sample"


class SamplesView(QWidget):
    """`shown_changed` after every change of what is seen; `words` says which moment it is."""

    shown_changed = Signal()

    def __init__(self, controller: RunController, *, compact: bool) -> None:
        super().__init__()
        self.kept = KeptSamples(controller, self)
        self.canvas = SampleCanvas(compact=compact)
        self.run_reel = Reel("Moments of the run", _THROUGH_RUN, compact=compact)
        self.trail_reel = Reel("Stages of the samples", _FROM_NOISE, compact=compact)
        self.strip = Chip("Show all")
        self.words = ""
        self._present: Sampled | None = None
        self._present_step = 0
        self._frame: LensFrame | None = None
        self._live = self._demanded = self._is_stale = False
        self.outdated = OutdatedNotice(controller.drawing)
        self._stage: int | None = None
        self._whole: Sampled | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6 if compact else 8)
        column.addWidget(self.canvas, 0 if compact else 1)
        column.addWidget(self.outdated)
        self.trail_reel.row.addWidget(self.strip)
        for reel in (self.trail_reel, self.run_reel):
            column.addWidget(reel)
            reel.hide()
        self.strip.hide()
        self.run_reel.moved.connect(lambda _index: self._show())
        self.trail_reel.moved.connect(self._show_stage)
        self.strip.clicked.connect(lambda: self._show_stage(None))
        self.kept.changed.connect(self._arrange)
        self._controller, self.draws = controller, controller.draws
        controller.run_started.connect(self.forget)
        controller.events.connect(self._poll)  # no longer once Qt has deleted this
        controller.state_changed.connect(self._state_changed)
        controller.session.report_changed.connect(self._find_classes)

    # What comes ----------------------------------------------------------------------------

    @property
    def target(self) -> str:
        return self.kept.target

    @property
    def stage(self) -> int | None:
        """The stage on show; None: the samples themselves."""
        return self._stage

    @property
    def sampled(self) -> Sampled | None:
        """All that is known of the moment on show; the canvas may show one stage of it."""
        return self._whole

    def look_at(self, target: str, prompt: str = "") -> None:
        """Another sampler: what was seen of the last one goes."""
        if target != self.kept.target:
            self._forget()
            self._find_classes()
        self.kept.look_at(target, prompt)
        self._arrange()

    def _find_classes(self) -> None:
        """The names of the classes, once inference has found them."""
        info = data_info(self._controller.session.project)
        self.kept.classes = info.classes if info is not None and info.kind != "text" else ()

    def forget(self) -> None:
        """Another run: nothing of the last one is left."""
        self._forget()
        self.kept.refresh()
        self._arrange()

    def _forget(self) -> None:
        self._present, self._frame, self._stage, self._demanded = None, None, None, False
        for reel in (self.run_reel, self.trail_reel):
            reel.pause()
        self.run_reel.set_moments(0)
        self.canvas.show_samples(None)

    def show_frame(self, frame: LensFrame | None, *, live: bool, is_stale: bool = False) -> None:
        """What the sampler drew last, whether more is to come, and whether it is of another drawing."""
        self._is_stale = is_stale
        changed = frame is not None and frame is not self._frame
        if frame is not None and changed:
            read = read_samples(frame.arrays, self.kept.prompt)
            if read is not None:
                self._present, self._present_step = read.named(self.kept.classes), frame.step
            self._frame = frame
            self._demanded = self._controller.draws.drawn.get(self.target) is frame
        if changed and self._demanded:
            self.run_reel.pause()
            self._live = live
            self._arrange()
            self.run_reel.go_to(len(self.kept.steps))
            self._show()
        elif changed or live != self._live:
            self._live = live
            self._arrange()
        else:
            self._show_outdated()

    def _poll(self, _events: object = None) -> None:
        if self.isVisible() or self._present is None:
            self.kept.poll()

    def _state_changed(self) -> None:
        if self._controller.state == "idle":
            self.forget()
        else:
            self.kept.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.kept.refresh()

    # The moments ----------------------------------------------------------------------------

    @property
    def _has_present(self) -> bool:
        """Whether the right end of the timeline is what was drawn just now, and not a kept set."""
        steps = self.kept.steps
        newer = self._live or self._demanded or not steps or self._present_step > steps[-1]
        return self._present is not None and newer

    @property
    def is_live(self) -> bool:
        """Whether the present is on show, of a run that goes on."""
        return self._live and self._has_present and self.run_reel.at_end

    def _arrange(self) -> None:
        steps, reel = self.kept.steps, self.run_reel
        reel.set_moments(len(steps) + self._has_present, live=self._live and self._has_present)
        reel.setVisible(len(steps) + self._has_present > 1)
        self._show()

    def _show(self) -> None:
        """What belongs to the place of the slider."""
        index, steps = self.run_reel.index, self.kept.steps
        if index < len(steps):
            found, step = self.kept.at(steps[index]), steps[index]
            moment = self.kept.words(step, found)
        else:
            found, step = self._present if self._has_present else None, self._present_step
            moment = self._present_words(step)
        self._whole = found
        self.words = moment if found is not None else ""
        self.run_reel.words.setText(moment)
        self._show_outdated()
        self._show_trail()
        self.canvas.show_samples(found.at(self._stage) if found is not None else None)
        self.shown_changed.emit()

    def _show_outdated(self) -> None:
        """Dim what was drawn by another drawing than the present one, and say so."""
        is_kept = self.run_reel.index < len(self.kept.steps)
        is_stale = self._controller.drawing.is_stale(self.target) if is_kept else self._is_stale
        is_stale = is_stale and self._whole is not None
        set_dimmed(self.canvas, is_stale)
        self.outdated.show_for(is_stale)

    def _present_words(self, step: int) -> str:
        if self._demanded and self._present is not None:
            return f"drawn now · step {step:,}" if step else "drawn now · untrained"
        return f"live · step {step:,}" if self._live else self.kept.words(step)

    def _show_trail(self) -> None:
        found, reel = self._whole, self.trail_reel
        stages = found.stages if found is not None else 0
        reel.setVisible(stages > 1)
        self.run_reel.call("run" if stages > 1 else "", _THROUGH_RUN)
        if found is None or stages < 2:
            self._stage = None
            return
        reel.call(*(("walk", "Play the walk") if found.film else ("noise", _FROM_NOISE)))
        reel.loops = found.film
        reel.set_moments(stages)
        end = 0 if found.film else stages - 1
        reel.go_to(end if self._stage is None else self._stage)
        self.strip.setVisible(found.film and self._stage is not None)
        reel.words.setText(self.stage_words())

    def stage_words(self) -> str:
        """Which stage is on show."""
        found = self._whole
        if found is None or not found.stages:
            return ""
        if self._stage is None:
            return f"{found.stages} pictures each" if found.film else "sample"
        if found.film:
            return f"picture {self._stage + 1} / {found.stages}"
        return found.stage_words(self._stage)

    def _show_stage(self, stage: int | None) -> None:
        if stage is None:
            self.trail_reel.pause()
        elif self._whole is not None and not self._whole.film and stage >= self._whole.stages - 1:
            stage = None
        self._stage = stage
        self._show()

    @property
    def tells_no_moment(self) -> bool:
        """Whether the timeline has no room, or no reason, to say which moment is on show."""
        return not (self.run_reel.isVisibleTo(self) and self.run_reel.has_words)

    # What is told of it ----------------------------------------------------------------------------

    def counts(self) -> str:
        """How many samples are on show, and of what."""
        found = self.canvas.sampled
        if found is None:
            return ""
        if found.kind != DOTS:
            return f"{found.count:,} {'texts' if found.kind == 'texts' else 'pictures'}"
        real = f"{len(found.real):,} of the data · " if found.real is not None else ""
        bounds = self.canvas.bounds
        outside = found.count - int(bounds.holds(found.values).sum()) if bounds is not None else 0
        return f"{real}{found.count:,} generated" + (f" · {outside:,} outside" if outside else "")
