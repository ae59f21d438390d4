"""What the inspector shows of a run for one node through one lens, live: whatever its painter makes of it.

Each part names the lens it needs while it is on screen; frames come through the controller.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal

from app.lenses.moment import moment_words
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from app.widgets.buttons import IconButton
from app.widgets.dimming import set_dimmed
from app.widgets.section import MARGIN, Heading, Section
from app.widgets.text import body
from engine.lens.lens import Lens
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest, Option, Options, options_of

_NOTHING_YET = "Nothing of this layer has come from the run yet."


class LensPart(Section):
    """A heading with a note and the view of a lens; a sentence instead while there is nothing to show.

    The arrows, where the lens shows the pinned sample, ask for another one. A lens that costs more than a
    forward pass is folded until somebody unfolds it: a folded part asks for nothing. Options that a person
    chooses in the picture are asked for; the last picture stays until theirs comes.
    """

    step_sample = Signal(int)
    opened = Signal(str, str)  # the path of the node, the kind of the lens: it is to be seen in its panel
    folded = Signal(str, bool)  # kind of the lens, whether it is folded now
    options_changed = Signal()
    weights_given = Signal(str, object)  # path of a layer, and its tensors by name

    def __init__(self, lens: Lens, *, is_folded: bool = False) -> None:
        super().__init__(line=not lens.of_sample)
        self.lens, self.kind, self._painter = lens, lens.kind, PAINTERS[lens.kind]
        self.heading = Heading(lens.title)
        self.heading.title.setToolTip(lens.help)
        self._view: Any = None
        self.empty = body(self._painter.empty)
        self.target = ""
        self.options: Options = ()
        self.frame: LensFrame | None = None
        self.sample = ""
        self.is_folded = is_folded
        self._live, self._pointed = False, ""
        self._awaits = False  # what was chosen in the picture has not come yet
        self._context = Context()
        for widget in (self.heading, self.empty):
            self.add(widget)
        self.back = IconButton("chevron-left", "Show the sample before")
        self.next = IconButton("chevron-right", "Show the next sample")
        for button, step in ((self.back, -1), (self.next, 1)):
            button.setFixedSize(18, 18)
            button.setIconSize(QSize(14, 14))
            button.clicked.connect(lambda _=False, step=step: self.step_sample.emit(step))
            self.heading.row.addWidget(button)
            button.hide()
        self.open = self._make_open()
        self.fold = IconButton("chevron-down", f"Show {lens.title.lower()}")
        self.fold.setFixedSize(18, 18)
        self.fold.setIconSize(QSize(14, 14))
        self.fold.clicked.connect(lambda: self.set_folded(not self.is_folded))
        self.heading.row.addWidget(self.fold)
        self.fold.setVisible(lens.is_dear)
        self.set_folded(is_folded)

    def _make_open(self) -> IconButton:
        """The button that shows this lens as a card of the Lenses panel."""
        button = IconButton("arrow-expand", f"Open {self.lens.title.lower()} in the Lenses panel")
        button.setFixedSize(18, 18)
        button.setIconSize(QSize(13, 13))
        button.clicked.connect(lambda: self.opened.emit(self.target, self.kind))
        self.heading.row.addWidget(button)
        return button

    @property
    def view(self) -> Any:
        """The picture, made when it is first wanted: most parts stay folded."""
        if self._view is None:
            self._view = view = self._painter.view()
            self.column.insertWidget(self.column.indexOf(self.empty), view)
            view.hide()
            view.pointed.connect(self._point)
            if hasattr(view, "options_chosen"):
                view.options_chosen.connect(self._choose)
            if hasattr(view, "weights_given"):
                view.weights_given.connect(self.weights_given)
        return self._view

    @property
    def has_view(self) -> bool:
        """Whether the picture was made."""
        return self._view is not None

    def set_folded(self, is_folded: bool) -> None:
        """Show the heading alone, or all of it."""
        changed, self.is_folded = is_folded != self.is_folded, is_folded
        self.column.setContentsMargins(MARGIN, 8, MARGIN, 8 if is_folded else 12)
        verb = "Show" if is_folded else "Hide"
        self.fold.set_icon("chevron-down" if is_folded else "chevron-up")
        self.fold.setToolTip(f"{verb} {self.lens.title.lower()}")
        self._clear()
        if changed:
            self.folded.emit(self.kind, is_folded)

    def request(self) -> LensRequest:
        return LensRequest(self.kind, self.target, self.options)

    def look_at(self, target: str) -> None:
        """Another node: what was seen of the last one goes."""
        if target != self.target:
            self.target, self.options = target, ()
            self._clear()

    def show_frame(
        self,
        frame: LensFrame | None,
        context: Context,
        *,
        live: bool,
        is_stale: bool = False,
        trouble: str = "",
    ) -> None:
        """Show what the lens saw, dimmed where it is of another drawing; nothing where it is gone.

        `trouble` says why there is nothing to see.

        The same frame again only renews the note.
        """
        if self.has_view or not (self.is_folded or frame is None):
            set_dimmed(self.view, is_stale)
        self._live, self._context = live, context
        self.empty.setText(trouble or (_NOTHING_YET if live else self._painter.empty))
        if self.is_folded or (frame is None and not self._awaits):
            self._clear()
        elif (
            frame is not None
            and frame is not self.frame
            and self._painter.show(self.view, frame.arrays, context.of(frame))
        ):
            self.frame, self._awaits = frame, False
            self.view.show()
            self.empty.hide()
        for button in (self.back, self.next):
            button.setVisible(frame is not None and self.lens.of_sample and not self.is_folded)
        self._write_note()

    def show_sample(self, index: int, words: str) -> None:
        """Which sample is shown: its place among those held back, and what it is."""
        self.sample = words
        self.back.setEnabled(index > 0)
        self._write_note()

    def _choose(self, chosen: dict[str, Option]) -> None:
        """Options that a person chose in the picture; defaults are not asked for by name."""
        values = {**dict(self.options), **chosen}
        kept = {name: value for name, value in values.items() if value != self.lens.params[name].default}
        if (options := options_of(kept)) != self.options:
            self.options, self._awaits = options, True
            self.options_changed.emit()

    def _clear(self) -> None:
        self.frame, self._pointed, self._awaits = None, "", False
        if self._view is not None:
            self._view.hide()
        self.empty.setVisible(not self.is_folded)
        self.heading.note.setText("")

    def _moment(self) -> str:
        assert self.frame is not None
        return moment_words(self.frame, self.sample if self.lens.of_sample else "", live=self._live)

    def _point(self, pointed: str) -> None:
        self._pointed = pointed
        self._write_note()

    def _write_note(self) -> None:
        """What is under the mouse, else what the painter says of the whole."""
        note = self._painter.note(self.view, self._moment(), self._context) if self.frame is not None else ""
        self.heading.note.setText(self._pointed or note)
