"""One card: what a lens sees of a node, its options, and what can be done with it.

Shows what it is given; the panel tells it the frames, and does what is asked for.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.forms.form import ParamForm
from app.lens_cards.beside import Beside
from app.lens_cards.card_edits import title_of
from app.lens_cards.corner import CornerGrip
from app.lenses.moment import step_words
from app.lenses.painter import Context, PaintedView
from app.lenses.registry import PAINTERS
from app.widgets.buttons import Chip, IconButton, LinkButton
from app.widgets.dimming import set_dimmed
from app.widgets.text import ElidedLabel, body
from engine.document.project import IN_WINDOW, LensPin
from engine.lens.lens import Cost, Lens
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest, options_of
from nodes.param import ParamError

SIZES = {"Small": QSize(264, 232), "Medium": QSize(372, 320), "Large": QSize(560, 460)}
LEAST, MOST = QSize(220, 168), QSize(1800, 1400)
FIRST_WIDTH, TALLEST_FIRST = 336, 640
_TALL_ENOUGH = 300
"""Height from which on the options of a card are unfolded by themselves."""
_NOTHING_YET = "Nothing of this node has come from the run yet."
_RESTS = "This takes seconds: it is computed while the run rests. Press Pause to see it."

_FLOAT, _DOCK = "Show this in a window of its own", "Put this into the Lenses panel"
_FOLLOWS = "The sample that all pictures show. Click to choose a pinned one for this card."
_OWN_SAMPLE = "A pinned sample of this card's own. Click to choose another one."
_PIN, _UNPIN = "Show this in the node", "Let the node show what it shows by default"


class LensCard(QFrame):
    """`pin` is what it shows, as the project says."""

    closed = Signal()
    floated = Signal()
    pinned = Signal()
    node_clicked = Signal()
    menu_wanted = Signal()
    samples_wanted = Signal()
    resized = Signal(QSize)
    option_set = Signal(str, object, str)
    options_chosen = Signal(dict)  # in the picture itself, several at once
    weights_given = Signal(str, object)  # path of a layer, and its tensors by name

    def __init__(self, pin: LensPin) -> None:
        super().__init__()
        self.setProperty("role", "lens-card")
        self.pin = pin
        self.lens: Lens | None = LENSES.get(pin.kind)
        self.painter = PAINTERS.get(pin.kind)
        self.frame: LensFrame | None = None
        self.sample = self.moment = ""
        """Which sample and which step it shows."""
        self.context, self._pointed, self.is_stale = Context(), "", False
        self._awaits = False  # what was chosen has not come yet: what is there stays
        self._dragged: QSize | None = None
        self.title = ElidedLabel(title_of(pin.kind), role="strong")
        self.node = LinkButton(pin.target)
        self.samples = Chip("")
        self.note = ElidedLabel("", role="faint")
        self.explanation = body(self.lens.help if self.lens is not None else "")
        self.explanation.hide()
        self.empty = body("")
        self.view: QWidget | None = self.painter.view() if self.painter is not None else None
        self.beside = Beside(self.view) if self.view is not None else None
        self.form = self._make_form()
        self._make_buttons()
        self._lay_out()
        self.corner = CornerGrip(self)
        self.corner.dragged.connect(self._drag)
        self.corner.dropped.connect(self._drop)
        self.become(pin)

    # Making ----------------------------------------------------------------------------

    def _make_form(self) -> ParamForm | None:
        if self.lens is None or not self.lens.params:
            return None
        form = ParamForm(self.lens.params, lambda _kind: [])
        form.edited.connect(self.option_set)
        form.reset.connect(lambda name: self.option_set.emit(name, None, ""))
        return form

    def _make_buttons(self) -> None:
        self.about = IconButton("information-outline", "What am I looking at?")
        self.about.setCheckable(True)
        self.about.toggled.connect(self.explanation.setVisible)
        self.options = IconButton("tune-variant", "Show the options of this lens")
        self.options.setCheckable(True)
        self.pin_button = IconButton("pin-outline", _PIN)
        self.pin_button.setCheckable(True)
        self.float_button = IconButton("dock-window", _FLOAT)
        self.more = IconButton("dots-horizontal", "Save, copy or resize")
        self.close_button = IconButton("close", "Close this card")
        self.pin_button.clicked.connect(self.pinned)
        self.float_button.clicked.connect(self.floated)
        self.more.clicked.connect(self.menu_wanted)
        self.close_button.clicked.connect(self.closed)
        self.node.clicked.connect(self.node_clicked)
        self.samples.clicked.connect(self.samples_wanted)
        if self.lens is None or not self.lens.of_sample:
            self.samples.hide()  # shown without a parent it would be a window for a moment
        self.node.setToolTip("Select this node on the canvas")
        if self.form is None:
            self.options.hide()
        else:
            self.options.toggled.connect(self.form.setVisible)
        for button in self.buttons:
            button.setFixedSize(22, 22)
            button.setIconSize(QSize(15, 15))

    @property
    def buttons(self) -> tuple[IconButton, ...]:
        return (self.about, self.options, self.pin_button, self.float_button, self.more, self.close_button)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title, 1)
        for button in self.buttons:
            head.addWidget(button)
        where = QHBoxLayout()
        where.setSpacing(8)
        where.addWidget(self.node)
        where.addWidget(self.samples)
        where.addWidget(self.note, 1)
        inner = QWidget()
        inner.setProperty("role", "scrolled")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(4)
        if self.view is not None and self.beside is not None:
            self._prepare(self.view)
            self.beside.pointed.connect(self._point)
            column.addWidget(self.beside)
        column.addWidget(self.empty)
        column.addStretch(0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 8, 8, 10)
        whole.setSpacing(2)
        whole.addLayout(head)
        whole.addLayout(where)
        whole.addWidget(self.explanation)
        if self.form is not None:
            whole.addWidget(self.form)
        whole.addWidget(self.area, 1)
        self._unfold()

    def _unfold(self) -> None:
        """Show the options of a card that has room for them; as soon as they are in the card, not before."""
        if self.form is not None:
            self.options.setChecked(self.pin.size.height >= _TALL_ENOUGH)
            self.form.setVisible(self.options.isChecked())

    def _prepare(self, view: QWidget) -> None:
        if isinstance(view, PaintedView):
            view.fill()
        view.hide()
        view.installEventFilter(self)
        if hasattr(view, "options_chosen"):
            view.options_chosen.connect(self.options_chosen)
        if hasattr(view, "weights_given"):
            view.weights_given.connect(self.weights_given)
        view.pointed.connect(self._point)  # type: ignore[attr-defined]  # every view of a painter has it

    # What the project says ----------------------------------------------------------------------------

    def become(self, pin: LensPin) -> None:
        """The same card after an edit: another node, other options, another size."""
        before, self.pin = self.pin, pin
        if (before.target, before.sample) != (pin.target, pin.sample):
            self._clear()
        elif before.options != pin.options:
            self._awaits = self.frame is not None
        is_of_another_project = before == pin and before is not pin
        if self.beside is not None and (before.target != pin.target or is_of_another_project):
            self.beside.let_go()
        elif self.beside is not None and before.options != pin.options:
            self.beside.note_change("other options")
        self.node.setText(pin.target)
        floats = pin.place == IN_WINDOW
        self.float_button.setToolTip(_DOCK if floats else _FLOAT)
        self.corner.setVisible(not floats)
        self._show_options()
        self._name()
        self.updateGeometry()

    def request(self) -> LensRequest | None:
        """What it asks a run for; None where its lens is not installed or its options cannot be taken."""
        if self.lens is None or self.problem():
            return None
        return LensRequest(
            self.pin.kind, self.pin.target, options_of(dict(self.pin.options)), self.pin.sample
        )

    def problem(self) -> str:
        """Why its lens cannot be asked for; empty where it can."""
        if self.lens is None or self.view is None:
            return f"The lens {self.pin.kind} is not installed."
        if unknown := sorted(set(self.pin.options) - set(self.lens.params)):
            return f"Remove what this lens does not know: {', '.join(unknown)}."
        try:
            self.lens.values(options_of(dict(self.pin.options)))
        except ParamError as error:
            return str(error)
        return ""

    def _show_options(self) -> None:
        if self.form is None or self.lens is None:
            return
        defaults = {name: param.to_json(param.default) for name, param in self.lens.params.items()}
        known = {name: value for name, value in self.pin.options.items() if name in defaults}
        self.form.show_values({**defaults, **known}, defaults)

    # What a run says ----------------------------------------------------------------------------

    def show_frame(self, frame: LensFrame | None, context: Context, sample: str, *, is_stale: bool) -> None:
        """Show what the lens saw, dimmed where it is of another drawing. `sample` says of which sample."""
        self.context, self.is_stale = context, is_stale and frame is not None
        self.sample, self.moment = sample, step_words(frame) if frame is not None else ""
        self.samples.setText(sample)
        self.samples.setToolTip(_FOLLOWS if self.pin.sample == 0 else _OWN_SAMPLE)
        if self.view is None or self.painter is None:
            return
        set_dimmed(self.view, self.is_stale)
        if frame is None and not self._awaits:
            self._clear()
        elif (
            frame is not None
            and frame is not self.frame
            and self.painter.show(self.view, frame.arrays, context.of(frame))
        ):
            self.frame, self._awaits = frame, False
            self.empty.hide()
            self.view.show()
            self.view.setAccessibleDescription(self.words())
        self._write_note()

    def keep_beside(self) -> None:
        """Let the present picture stand at the left of what comes."""
        if self.beside is not None and self.painter is not None and self.frame is not None:
            self.beside.keep(self.painter, self.frame, self.context, self._moment())
            self._write_note()
            self.updateGeometry()

    def let_kept_go(self) -> None:
        """Show one picture again."""
        if self.beside is not None:
            self.beside.let_go()
            self._write_note()
            self.updateGeometry()

    @property
    def has_kept(self) -> bool:
        """Whether there are two pictures."""
        return self.beside is not None and self.beside.frame is not None

    @property
    def picture(self) -> QWidget | None:
        """What is exported: its picture, beside the one that is kept."""
        return self.beside if self.has_kept else self.view

    def show_missing(self, sentence: str) -> None:
        """A sentence instead of the view."""
        self._clear()
        self.empty.setText(sentence)

    def say_why_empty(self, *, live: bool, runs: bool) -> None:
        """What to do so that there is something to see."""
        if self.frame is None and self.painter is not None and self.lens is not None:
            waits = self.lens.cost is Cost.LONG and runs
            self.empty.setText(_RESTS if waits else _NOTHING_YET if live else self.painter.empty)

    def set_in_node(self, is_shown: bool, *, can_be: bool) -> None:
        """Whether the node itself shows this lens."""
        self.pin_button.setChecked(is_shown)
        self.pin_button.setEnabled(can_be)
        self.pin_button.setToolTip(_UNPIN if is_shown else _PIN)

    def _clear(self) -> None:
        self.frame, self._pointed, self.is_stale, self._awaits = None, "", False, False
        if self.view is not None:
            self.view.hide()
        self.empty.show()
        self.note.setText("")

    # Words ----------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        """What the card is called: the lens, as its painter says it, of the node."""
        return f"{self.title.text()} of {self.pin.target}"

    def caption(self) -> str:
        """The line below an exported picture: lens, node, sample, step, and what the painter says of it."""
        parts = [self.title.text(), self.pin.target, "" if self.has_kept else self._note(self._moment())]
        return " · ".join(part for part in parts if part)

    def words(self) -> str:
        """What is to be seen as text."""
        if self.frame is None or self.painter is None:
            return self.empty.text()
        return f"{self._moment()}\n{self.painter.words(self.frame.arrays, self.context)}"

    def _moment(self) -> str:
        return " · ".join(words for words in (self.sample, self.moment) if words)

    def _note(self, moment: str) -> str:
        if self.frame is None or self.painter is None or self.view is None:
            return ""
        note = self.painter.note(self.view, moment, self.context)
        return f"{note} · of an older drawing" if self.is_stale else note

    def _point(self, pointed: str) -> None:
        self._pointed = pointed
        self._write_note()

    def _write_note(self) -> None:
        own = self._note(self.moment)
        self.note.setText(self._pointed or ("" if self.has_kept else own))
        if self.beside is not None:
            self.beside.say(self._note(self._moment()))
        self._name()

    def _name(self) -> None:
        if self.painter is not None and self.lens is not None:
            self.title.setText(self.painter.title(self.lens.title, self.context))
        self.setAccessibleName(self.heading)
        if self.view is not None:
            self.view.setAccessibleName(self.heading)

    # Size ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As the project says; else as high as its view wants to be."""
        if self._dragged is not None:
            return self._dragged
        wished = QSize(*self.pin.size)
        if wished.isEmpty():
            width = FIRST_WIDTH * 2 if self.has_kept else FIRST_WIDTH
            wished = QSize(width, min(TALLEST_FIRST, self._head_height() + self._wished_height() + 14))
        return bounded(wished)

    def _head_height(self) -> int:
        """Of all that stands above the view."""
        layout = self.layout()
        assert layout is not None
        margins, shown = layout.contentsMargins(), [layout.itemAt(at) for at in range(layout.count() - 1)]
        rows = [item.sizeHint().height() for item in shown if item is not None and not item.isEmpty()]
        return margins.top() + margins.bottom() + sum(rows) + layout.spacing() * len(rows)

    def _wished_height(self) -> int:
        if self.view is None or self.frame is None:
            return 96
        is_fixed = self.view.minimumHeight() == self.view.maximumHeight()
        return self.view.height() if is_fixed else self.view.sizeHint().height()

    def minimumSizeHint(self) -> QSize:
        return LEAST

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A view that becomes higher makes a card higher whose size nobody has chosen."""
        if watched is self.view and event.type() == QEvent.Type.Resize and QSize(*self.pin.size).isEmpty():
            self.updateGeometry()
        return False

    def _drag(self, size: QSize) -> None:
        self._dragged = bounded(size)
        self.updateGeometry()

    def _drop(self, size: QSize) -> None:
        self._dragged = None
        self.resized.emit(bounded(size))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.corner.place()


def bounded(size: QSize) -> QSize:
    """A size that a card can have."""
    return size.expandedTo(LEAST).boundedTo(MOST)
