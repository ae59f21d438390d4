"""The menu of a card: its picture and its numbers as files and on the clipboard, its size and its place.

A moving picture is written in a thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.lens_cards import export
from app.lens_cards.card import SIZES, LensCard
from app.lens_cards.card_edits import change_card, copy_card, shift_card
from app.lens_cards.film import pictures_of
from app.lenses.picture_files import gif_data, png_data, write_file
from app.state.looks.pins import Pins
from app.state.session import Session
from app.widgets.background_task import BackgroundTask
from app.widgets.menus import Menu
from engine.document.project import IN_PANEL, PixelSize
from engine.messages.events import LensFrame

GIF_DENSITY = 1.0
Course = Callable[[LensCard], Sequence[LensFrame]]


@dataclass(frozen=True, eq=False)
class _Film:
    """A moving picture to be written."""

    path: Path
    images: tuple[QImage, ...]


def _write_film(film: _Film) -> str:
    """Write it; gives the sentence that tells how that went."""
    try:
        data, count = gif_data(film.images)
        write_file(film.path, data)
    except OSError as error:
        return f"{film.path.name} was not saved: {error}"
    return f"Saved {film.path.name}: {count:,} pictures"


class CardMenu(QObject):
    """The menus of the cards of one panel. `course` gives the frames that a moving picture of a card has."""

    def __init__(self, session: Session, course: Course, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._course = session, course
        self._writing = BackgroundTask("writing a moving picture", _write_film, self)
        self._writing.answered.connect(self._film_written)
        self._writing.failed.connect(lambda film, error: self._tell(f"{film.path.name}: {error}", "bad"))

    def wait(self) -> None:
        """Until what is being written is done."""
        self._writing.wait()

    def make(self, card: LensCard, parent: QWidget) -> Menu:
        """Everything that can be done with a card."""
        menu = Menu(parent)
        has_picture = card.frame is not None
        entries: list[tuple[str, Callable[[], object], bool]] = [
            ("Copy the picture", partial(self.copy_picture, card), has_picture),
            ("Copy what it says as text", partial(self.copy_words, card), has_picture),
            ("Save as PNG…", partial(self._ask, card, "png", self.save_png), has_picture),
            ("Save as SVG…", partial(self._ask, card, "svg", self.save_svg), has_picture),
            (
                "Save the steps seen as GIF…",
                partial(self._ask, card, "gif", self.save_gif),
                len(self._course(card)) > 1,
            ),
            ("Save the numbers as CSV…", partial(self._ask, card, "csv", self.save_csv), has_picture),
            ("Save the numbers as NPZ…", partial(self._ask, card, "npz", self.save_npz), has_picture),
        ]
        for words, do, can_be in entries:
            menu.add(words, do).setEnabled(can_be)
        menu.addSeparator()
        if card.has_kept:
            menu.add("Let the kept picture go", card.let_kept_go)
        menu.add("Keep this picture beside", card.keep_beside).setEnabled(has_picture)
        menu.addSeparator()
        if card.pin.place == IN_PANEL:
            self._add_arranging(menu, card)
        menu.add("Open a second card", partial(copy_card, self._session, card.pin))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def make_samples(self, card: LensCard, parent: QWidget, pins: Pins) -> Menu:
        """Which of the pinned samples a card shows; the first entry follows what all pictures show."""
        menu = Menu(parent)
        for pin, sample in enumerate(pins.rows):
            words = f"As everywhere: {sample.words}" if pin == 0 else sample.words
            choose = partial(change_card, self._session, card.pin, "Choose the sample of", sample=pin)
            action = menu.add(words, choose)
            action.setCheckable(True)
            action.setChecked(pin == card.pin.sample)
        if not pins.samples:
            menu.add("No sample is pinned. Pin some with Samples, above.").setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _add_arranging(self, menu: Menu, card: LensCard) -> None:
        sizes = menu.add_menu("Size")
        for words, size in SIZES.items():
            chosen = PixelSize(size.width(), size.height())
            action = sizes.add(words, partial(change_card, self._session, card.pin, "Resize", size=chosen))
            action.setCheckable(True)
            action.setChecked(card.pin.size == chosen)
        sizes.add(
            "As high as it needs", partial(change_card, self._session, card.pin, "Resize", size=PixelSize())
        )
        menu.add("Move forward", partial(shift_card, self._session, card.pin, -1))
        menu.add("Move back", partial(shift_card, self._session, card.pin, 1))
        menu.addSeparator()

    # What is done ----------------------------------------------------------------------------

    def copy_picture(self, card: LensCard) -> None:
        """Put the picture on the clipboard, with its caption."""
        if card.picture is not None:
            QGuiApplication.clipboard().setImage(export.picture(card.picture, card.caption()))
            self._tell("Copied the picture", "good")

    def copy_words(self, card: LensCard) -> None:
        """Put what is to be seen on the clipboard, in words and numbers."""
        QGuiApplication.clipboard().setText(f"{card.caption()}\n{card.words()}")
        self._tell("Copied the words", "good")

    def save_png(self, card: LensCard, path: Path) -> None:
        self._write(path, card, lambda view, _: png_data(export.picture(view, card.caption())))

    def save_svg(self, card: LensCard, path: Path) -> None:
        self._write(path, card, lambda view, _: export.svg_data(view, card.caption()))

    def save_csv(self, card: LensCard, path: Path) -> None:
        self._write(path, card, lambda _, frame: export.csv_data(frame.arrays))

    def save_npz(self, card: LensCard, path: Path) -> None:
        self._write(path, card, lambda _, frame: export.npz_data(frame.arrays))

    def save_gif(self, card: LensCard, path: Path) -> None:
        """Write what is kept of the steps that were seen, in a thread of its own."""
        self._writing.ask(_Film(path, tuple(pictures_of(card, self._course(card), GIF_DENSITY))))

    def _film_written(self, _film: _Film, words: str) -> None:
        self._tell(words, "good" if words.startswith("Saved") else "bad")

    def _write(self, path: Path, card: LensCard, make: Callable[[QWidget, LensFrame], bytes]) -> None:
        if card.picture is None or card.frame is None:
            return
        try:
            write_file(path, make(card.picture, card.frame))
        except OSError as error:
            self._tell(str(error), "bad")
        else:
            self._tell(f"Saved {path.name}", "good")

    def _tell(self, words: str, kind: str) -> None:
        self._session.notify(words, kind)

    def _ask(self, card: LensCard, suffix: str, save: Callable[[LensCard, Path], None]) -> None:
        name = re.sub(r"[^\w-]+", "-", f"{card.pin.target}-{card.pin.kind}")
        chosen, _ = QFileDialog.getSaveFileName(
            card, f"Save {card.heading} as {suffix.upper()}", f"{name}.{suffix}", f"*.{suffix}"
        )
        if chosen:
            path = Path(chosen)
            save(card, path if path.suffix else path.with_suffix(f".{suffix}"))
