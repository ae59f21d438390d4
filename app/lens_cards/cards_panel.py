"""The panel of the lenses: cards side by side, several at once, as the project says.

Keeps no state of its own: which cards there are, where and how large, is in the project, so that it is saved
and undone with it. Cards in windows of their own are made and taken away here too.
"""

from __future__ import annotations

import operator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.lens_cards import card_edits
from app.lens_cards.card import LensCard
from app.lens_cards.card_feed import CardFeed
from app.lens_cards.card_menu import CardMenu
from app.lens_cards.card_window import CardWindow
from app.lens_pins.pin_strip import PinStrip
from app.panels.typed_weights import give_weights
from app.state import settings
from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets.buttons import Chip, QuietButton
from app.widgets.flow import ChipFlow
from app.widgets.panel_body import PanelBody
from app.widgets.text import ElidedLabel, heading
from engine.document import edits
from engine.document.lens_pins import lens_cards
from engine.document.project import IN_WINDOW, LensPin, PixelPlace, PixelSize, Project

_GAP = 12
_SHOWN_MS = 1200


class LensCardsPanel(QWidget):
    """Cards by what the project holds; those that float are in `windows`."""

    def __init__(self, session: Session, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self._controller = session, controller
        self.cards: list[LensCard] = []
        self.windows: dict[LensCard, CardWindow] = {}
        self._brought: LensCard | None = None
        """The card that is kept in sight while cards grow."""
        self.feed = CardFeed(session, controller, lambda: self.cards, self)
        self.menu = CardMenu(session, self.feed.course, self)
        self.heading, self.note = heading("Lenses"), ElidedLabel("", role="faint")
        self.close_all = QuietButton("Close all", "close")
        self.sheet = QWidget()
        self.sheet.setProperty("role", "scrolled")
        self.pins = PinStrip(session, controller, wide=True)
        self.samples = Chip("Samples")
        self.samples.setCheckable(True)
        self.samples.setToolTip("Show or hide the pinned samples")
        self.samples.setChecked(settings.settings().value("lenses/samples", False, bool) is True)
        self._flow = self._lay_sheet()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.sheet)
        self._body = PanelBody(self, [], self.area)
        self._body.empty.set_text(
            "Look at any node",
            "Select a node or a wire on the canvas and press L. Several lenses stand side by side.",
        )
        for widget in (self.heading, self.samples, self.note):
            self._body.head.addWidget(widget, 1 if widget is self.note else 0)
        self._body.head.addWidget(self.close_all)
        self._settles = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._settles.timeout.connect(partial(self._let_go, 0))
        self._shown = QTimer(self)
        self._shown.setSingleShot(True)
        self._shown.setInterval(_SHOWN_MS)
        self._listen()
        self.refresh()

    def _lay_sheet(self) -> ChipFlow:
        """Pinned samples above the cards; gives the layout of the cards."""
        rows, inner = QVBoxLayout(self.sheet), QWidget()
        inner.setProperty("role", "scrolled")
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(_GAP)
        rows.addWidget(self.pins)
        rows.addWidget(inner)
        rows.addStretch(1)
        self.pins.setVisible(self.samples.isChecked())
        return ChipFlow(inner, _GAP)

    def sizeHint(self) -> QSize:
        return QSize(372, 272)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 176)

    def _listen(self) -> None:
        self.close_all.clicked.connect(self._close_all)
        self.samples.toggled.connect(self._show_samples)
        self._controller.pins.changed.connect(self._count_samples)
        self._controller.pins.removed.connect(partial(card_edits.unpin, self.session))
        self.session.project_changed.connect(self._project_changed)
        self.session.file_changed.connect(self.refresh)
        self.area.verticalScrollBar().valueChanged.connect(lambda _: self.feed.settle())
        self._shown.timeout.connect(lambda: self._mark(None))
        self.sheet.installEventFilter(self)
        self.area.verticalScrollBar().actionTriggered.connect(self._let_go)

    # What the project says ----------------------------------------------------------------------------

    def _project_changed(self, old: Project, new: Project) -> None:
        if old.main.lenses is not new.main.lenses or old.graphs is not new.graphs:
            self.refresh()

    def refresh(self) -> None:
        """The cards of the project, in its order; one that only changed stays the same widget."""
        wished = lens_cards(self.session.project)
        if [id(card.pin) for card in self.cards] != [id(pin) for pin in wished]:
            self._match(wished)
            self._arrange()
        panel = [card for card in self.cards if card not in self.windows]
        self._body.show_content(bool(panel))
        self.close_all.setVisible(len(panel) > 1)
        self.samples.setVisible(bool(panel))
        self._count_samples()
        self.note.setText(f"{len(self.windows):,} in windows of their own" if self.windows else "")
        self.feed.refresh()

    def _match(self, wished: tuple[LensPin, ...]) -> None:
        """Give each pin its card: the one that is the same, else one of its kind that has lost its own."""
        free = list(self.cards)
        found: dict[int, LensCard] = {}
        for alike in (operator.is_, operator.eq, _is_changed, _is_of_kind):
            for place, pin in enumerate(wished):
                if place not in found:
                    card = next((card for card in free if alike(card.pin, pin)), None)
                    if card is not None:
                        free.remove(card)
                        found[place] = card
        for card in free:
            self._remove(card)
        self.cards = [found[place] if place in found else self._make(pin) for place, pin in enumerate(wished)]
        for card, pin in zip(self.cards, wished, strict=True):
            if card.pin is not pin:
                card.become(pin)

    def _make(self, pin: LensPin) -> LensCard:
        card = LensCard(pin)
        card.closed.connect(lambda: card_edits.close_card(self.session, card.pin))
        card.floated.connect(lambda: card_edits.float_card(self.session, card.pin))
        card.pinned.connect(partial(self._toggle_in_node, card))
        card.node_clicked.connect(lambda: card_edits.show_node(self.session, card.pin.target))
        card.menu_wanted.connect(partial(self._open_menu, card))
        card.samples_wanted.connect(partial(self._open_samples, card))
        card.resized.connect(partial(self._resize_card, card))
        card.option_set.connect(partial(self._set_option, card))
        card.options_chosen.connect(lambda chosen: card_edits.choose_options(self.session, card.pin, chosen))
        card.weights_given.connect(partial(give_weights, self.session))
        return card

    def _remove(self, card: LensCard) -> None:
        window = self.windows.pop(card, None)
        if window is not None:
            window.hide()
            window.deleteLater()
        else:
            self._flow.removeWidget(card)
            card.hide()
            card.deleteLater()

    def _arrange(self) -> None:
        """Cards into the panel in their order, the others into windows."""
        while self._flow.takeAt(0) is not None:
            pass
        for card in self.cards:
            if card.pin.place == IN_WINDOW:
                self._put_in_window(card)
            else:
                window = self.windows.pop(card, None)
                self._flow.addWidget(card)
                card.show()
                if window is not None:
                    window.hide()
                    window.deleteLater()
        self._activate()

    def _activate(self) -> None:
        """Give cards their places now."""
        self.sheet.updateGeometry()
        rows = self.sheet.layout()
        assert rows is not None
        for layout in (self._flow, rows):
            layout.activate()

    def _put_in_window(self, card: LensCard) -> None:
        if card in self.windows:
            self.windows[card].arrange()
            return
        window = self.windows[card] = CardWindow(card, self)
        window.closed.connect(lambda: card_edits.close_card(self.session, card.pin))
        window.placed.connect(partial(self._place, card))
        window.sight_changed.connect(self.feed.settle)
        card.show()
        window.show()

    # What a person does ----------------------------------------------------------------------------

    def reveal(self, pin: LensPin) -> None:
        """Bring a card into sight, and mark it for a moment."""
        card = next((card for card in self.cards if card.pin == pin), None)
        if card is None:
            return
        if card in self.windows:
            self.windows[card].show()
            self.windows[card].raise_()
            self.windows[card].activateWindow()
        else:
            self._activate()
            self.sheet.adjustSize()
            self._bring(card)
        self._mark(card)
        self._shown.start()
        self.feed.settle()

    def _bring(self, card: LensCard) -> None:
        """Scroll to a card: all of it, or its top where it is higher than the panel."""
        self.area.ensureWidgetVisible(card, _GAP, _GAP)
        if card.height() > self.area.viewport().height():
            self.area.verticalScrollBar().setValue(card.mapTo(self.sheet, QPoint(0, 0)).y())
        self._brought = card
        self.feed.settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cards grow when their pictures come: the one that was asked for last stays in sight until its own
        is there, or somebody scrolls."""
        if watched is self.sheet and event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._bring_again)
        return super().eventFilter(watched, event)

    def _bring_again(self) -> None:
        card = self._brought
        if card is None or card not in self.cards or card in self.windows:
            self._brought = None
            return
        self._bring(card)
        if card.frame is not None and not self._settles.isActive():
            self._settles.start()  # it grows once more when its picture has taken its size

    def _let_go(self, _action: int) -> None:
        """Somebody scrolls, or the picture is there: nothing is brought into sight by itself any more."""
        self._brought = None

    def _mark(self, marked: LensCard | None) -> None:
        for card in self.cards:
            state = "shown" if card is marked else ""
            if card.property("state") != state:
                card.setProperty("state", state)
                card.style().unpolish(card)
                card.style().polish(card)

    def _toggle_in_node(self, card: LensCard) -> None:
        card_edits.toggle_in_node(self.session, card.pin)
        self.feed.refresh()

    def _open_menu(self, card: LensCard) -> None:
        self.menu.make(card, card).popup(card.more.mapToGlobal(card.more.rect().bottomLeft()))

    def _open_samples(self, card: LensCard) -> None:
        menu = self.menu.make_samples(card, card, self._controller.pins)
        menu.popup(card.samples.mapToGlobal(card.samples.rect().bottomLeft()))

    def _show_samples(self, is_shown: bool) -> None:
        self.pins.setVisible(is_shown)
        settings.settings().setValue("lenses/samples", is_shown)
        self.area.verticalScrollBar().setValue(0)
        self.feed.settle()

    def _count_samples(self) -> None:
        count = len(self._controller.pins.samples)
        self.samples.setText(f"Samples · {count:,} pinned" if count else "Samples")

    def _resize_card(self, card: LensCard, size: QSize) -> None:
        wished = PixelSize(size.width(), size.height())
        if not card_edits.change_card(self.session, card.pin, "Resize", size=wished):
            card.updateGeometry()

    def _set_option(self, card: LensCard, name: str, value: object, gesture: str) -> None:
        assert card.lens is not None
        if not card_edits.set_option(self.session, card.pin, card.lens, name, value, gesture):
            card.become(card.pin)

    def _place(self, card: LensCard, corner: PixelPlace, size: PixelSize) -> None:
        merge = f"window of {card.pin.kind} {card.pin.target}"
        if (corner, size) != (card.pin.corner, card.pin.size):
            card_edits.change_card(self.session, card.pin, "Place", merge, corner=corner, size=size)

    def _close_all(self) -> None:
        """Close the cards of the panel in one step; windows stay."""

        def close(project: Project) -> Project:
            for card in lens_cards(project):
                if card.place != IN_WINDOW:
                    project = edits.remove_card(project, card)
            return project

        self.session.attempt(close, "Close all lenses")

    # Visibility ----------------------------------------------------------------------------

    def set_floats(self, floats: bool) -> None:
        """A floating panel has its name in its bar."""
        self.heading.setVisible(not floats)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._bring_again)
        self.feed.settle()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.feed.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.windows:
            self.feed.settle()
        else:
            self.feed.rest()


def _is_changed(old: LensPin, new: LensPin) -> bool:
    return (old.kind, old.target) == (new.kind, new.target)


def _is_of_kind(old: LensPin, new: LensPin) -> bool:
    return old.kind == new.kind
