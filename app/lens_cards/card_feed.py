"""What cards show while a run goes: asks it for those that are in sight, and hands them what comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer

from app.lens_cards.card import LensCard
from app.lens_cards.card_edits import is_in_node
from app.lens_cards.offered import LensTarget, can_be_in_node, target_at
from app.lenses.painter import Context
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.run_words import lens_context
from engine.document.project import Project
from engine.messages.events import LensFrame
from nodes.registry import REGISTRY

_SETTLE_MS = 60
_GONE = "is not in the drawing any more. Close this card, or undo what removed it."


class CardFeed(QObject):
    """Feeds the cards of one panel and of its windows from the controller."""

    def __init__(
        self,
        session: Session,
        controller: RunController,
        cards: Callable[[], Iterable[LensCard]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._controller, self._cards = session, controller, cards
        self._known: tuple[Project, Context] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self.watch)
        controller.frames_changed.connect(self._frames_changed)
        controller.state_changed.connect(self.refresh)
        controller.run_started.connect(self._run_started)
        controller.pinned_changed.connect(lambda _: self.refresh())
        controller.drawing.changed.connect(self.refresh, Qt.ConnectionType.QueuedConnection)
        session.report_changed.connect(self.refresh)

    def settle(self) -> None:
        """What is in sight changed; ask again when it has stopped changing."""
        self._timer.start()

    def watch(self) -> None:
        """Ask the run for the cards that are in sight, and show what it has told of them."""
        shown = [card for card in self._cards() if is_in_sight(card)]
        requests = (card.request() for card in shown if self.target(card) is not None)
        self._controller.watch(self, frozenset(request for request in requests if request is not None))
        for card in shown:
            self._show(card)

    def rest(self) -> None:
        """Nothing is in sight: ask for nothing."""
        self._timer.stop()
        self._controller.watch(self, frozenset())

    def refresh(self) -> None:
        """Whatever may have changed what cards show."""
        if self._known is not None and self._known[1].info is None:
            self._known = None  # by now its data may have been read
        self.settle()
        for card in self._cards():
            if is_in_sight(card):
                self._show(card)

    def _run_started(self) -> None:
        for card in self._cards():
            if card.beside is not None:
                card.beside.note_change("of an earlier run")
        self.refresh()

    def course(self, card: LensCard) -> tuple[LensFrame, ...]:
        """What is kept of what a card shows, one frame a step, in their order."""
        request = card.request()
        return self._controller.drawing.course(request) if request is not None else ()

    def target(self, card: LensCard) -> LensTarget | None:
        """The node of a card; None where the drawing has it no more."""
        return target_at(self._session.project, card.pin.target)

    # Showing ----------------------------------------------------------------------------

    def _frames_changed(self, paths: set[str]) -> None:
        for card in self._cards():
            if card.pin.target in paths and self._has_news(card) and is_in_sight(card):
                self._show(card)

    def _has_news(self, card: LensCard) -> bool:
        """Whether something else is known of what a card shows than what it shows."""
        request = card.request()
        if request is None:
            return True
        seen = self._controller.drawing.seen(request.kind, request.target, request.options, request.pin)
        return seen.frame is None or seen.frame is not card.frame or seen.is_stale != card.is_stale

    def _show(self, card: LensCard) -> None:
        session, controller = self._session, self._controller
        target, request = self.target(card), card.request()
        unfit = self._unfit(card, target)
        card.set_in_node(
            is_in_node(session.project, card.pin),
            can_be=can_be_in_node(session.project, session.report, card.pin.target, card.pin.kind),
        )
        card.node.setEnabled(target is not None)
        if target is None or request is None or unfit:
            card.show_missing(f"{card.pin.target} {_GONE}" if target is None else card.problem() or unfit)
            return
        frame, is_stale = controller.drawing.seen(request.kind, request.target, request.options, request.pin)
        card.show_frame(frame, self._context(target), self._sample(card), is_stale=is_stale)
        card.say_why_empty(
            live=controller.state in ("running", "paused"), runs=controller.state in ("compiling", "running")
        )

    def _unfit(self, card: LensCard, target: LensTarget | None) -> str:
        """A sentence where the node is known to be none that this lens can show."""
        report = self._session.report.nodes.get(card.pin.target)
        declared = REGISTRY.get(target.node.layer) if target is not None else None
        if (
            card.lens is not None
            and card.lens.of_sample
            and self._controller.pins.at(card.pin.sample) is None
        ):
            card.samples.setText(f"pinned sample {card.pin.sample}")
            return f"Pin a sample, or choose another one: pinned sample {card.pin.sample} is not there."
        if report is None or declared is None or card.lens is None or card.lens.applies_to(declared, report):
            return ""
        return f"{card.lens.title} cannot be shown of {card.pin.target} as it is now."

    def _sample(self, card: LensCard) -> str:
        is_shown = card.lens is not None and card.lens.of_sample
        return self._controller.pins.words(card.pin.sample) if is_shown else ""

    def _context(self, target: LensTarget) -> Context:
        project = self._controller.drawing.shown_project
        if self._known is None or self._known[0] is not project:
            self._known = project, lens_context(project)
        return replace(self._known[1], prompt=str(target.node.params.get("prompt", "")))


def is_in_sight(card: LensCard) -> bool:
    """Whether any of a card can be seen on a screen."""
    return card.isVisible() and not card.window().isMinimized() and not card.visibleRegion().isEmpty()
