"""The samples that a network understands worst: pictures, texts or rows, what is true and what it says."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from app.lenses.painter import Arrays
from app.lenses.sets.class_pages import WORST
from app.lenses.sets.naming import Names, colour_of
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, RIGHT, Page, PagedView, elided, paint_head
from app.lenses.sets.sample_pictures import SamplePictures, draw_image, image_of, masked
from app.style import theme
from app.style.theme import Theme
from app.widgets.numbers import number, percent
from nodes.reading.dataset import DataInfo

_GAP = 8.0
Words = list[tuple[str, bool]]
"""What is said of a sample, and whether it is right."""


class WorstPage(Page):
    """Samples by their loss, the greatest first; of a cell of the confusion matrix where one is chosen."""

    title = WORST

    def __init__(self, arrays: Arrays, names: Names, info: DataInfo | None, view: PagedView) -> None:
        self._view, self._names = view, names
        self._losses = np.asarray(arrays["losses"], np.float64)
        self.samples = SamplePictures(arrays, info)
        self._arrays = arrays
        self._panels: dict[tuple[int, int], QImage] = {}
        self._found: dict[tuple[int, int] | None, list[int]] = {}

    @property
    def _cell(self) -> tuple[int, int] | None:
        """The true and the predicted class that were chosen."""
        found: tuple[int, int] | None = self._view.state.get("cell")
        return found if found is not None and max(found) < self._names.count else None

    @property
    def places(self) -> list[int]:
        """The samples that are shown, in order."""
        if self._cell not in self._found:
            self._found[self._cell] = self._chosen()
        return self._found[self._cell]

    def _chosen(self) -> list[int]:
        order = np.argsort(-np.nan_to_num(self._losses, nan=np.inf), kind="stable")
        if "true" not in self._arrays:
            return [int(at) for at in order if self.samples.rank(int(at)) is not None]
        if self._cell is None:
            return [int(at) for at in order[:256]]
        true, said = self._arrays["true"], self._arrays["predicted"]
        return [int(at) for at in order if (int(true[at]), int(said[at])) == self._cell]

    @property
    def stretches(self) -> bool:
        return False

    @property
    def head(self) -> str:
        if "true" in self._arrays and self._cell is not None:
            true, said = (self._names(one) for one in self._cell)
            what = f"{true}, rightly" if true == said else f"{true} taken for {said}"
            return f"{what}: {len(self.places):,} · click here for all"
        shown, whole = len(self.places), len(self._losses)
        return f"greatest loss first · {shown:,} of {whole:,}" if shown < whole else "greatest loss first"

    # Where they stand -----------------------------------------------------------------------------

    @property
    def _panel_count(self) -> int:
        """Pictures of each sample beside each other: itself, what is true, what is said."""
        if "true_pictures" in self._arrays:
            return 3 if self.samples.are_pictures else 2
        return 2 if self._arrays.get("true_places", np.empty(0)).ndim == 3 else 1

    def _layout(self, width: float) -> tuple[int, float, float]:
        """Columns, and the width and height of the room of a sample."""
        panels = self._panel_count
        if panels == 1 and not self.samples.are_pictures:
            return 1, width - 6, 2 * LINE + (22.0 if self._has_lines else 0.0) + 4
        least = 74.0 * panels if panels == 1 else 78.0 * panels
        columns = max(1, int((width - 6 + _GAP) // (least + _GAP)))
        wide = (width - 6 - _GAP * (columns - 1)) / columns
        wide = min(wide, 110.0 * panels)
        return columns, wide, wide / panels + 2 * LINE - 2

    @property
    def _has_lines(self) -> bool:
        return self.samples.are_curves

    def _rows(self, width: float) -> int:
        return -(-len(self.places) // self._layout(width)[0])

    def _legend(self) -> float:
        return LINE if self._panel_count == 2 and "true_places" in self._arrays else 0.0

    def height(self, width: float) -> float:
        return LINE + self._legend() + self._rows(width) * (self._layout(width)[2] + _GAP)

    def _box(self, at: int, area: QRectF) -> QRectF:
        columns, wide, high = self._layout(area.width())
        top = area.top() + LINE + self._legend() + 2
        return QRectF(
            area.left() + at % columns * (wide + _GAP), top + at // columns * (high + _GAP), wide, high
        )

    def _at(self, place: QPointF, area: QRectF) -> int | None:
        return next((at for at in range(len(self.places)) if self._box(at, area).contains(place)), None)

    # What is said ---------------------------------------------------------------------------------

    def said(self, place: int) -> Words:
        """What is true and what is said of a sample, in words."""
        arrays, rank = self._arrays, self.samples.rank(place)
        if "true" in arrays:
            true, said = int(arrays["true"][place]), int(arrays["predicted"][place])
            share = percent(float(arrays["confidence"][place]))
            if true == said:
                return [(f"{self._names(true)} {share}", True)]
            return [(f"{self._names(true)} → {self._names(said)}", False), (share, False)]
        if "true_row" in arrays and rank is not None:
            true_row, said_row = arrays["true_row"][rank], arrays["predicted_row"][rank]
            more = " …" if len(true_row) > 3 else ""
            both = zip(true_row[:3].tolist(), said_row[:3].tolist(), strict=True)
            return [(", ".join(f"{number(a)} → {number(b)}" for a, b in both) + more, True)]
        if "true_labels" in arrays and rank is not None:
            each = zip(arrays["true_labels"][rank], arrays["predicted_labels"][rank], strict=True)
            marks = [(self._names(at), bool(t), bool(p)) for at, (t, p) in enumerate(each) if t or p]
            signs = {(True, True): "", (True, False): "missed ", (False, True): "wrongly "}
            return [(f"{signs[t, p]}{name}", t == p) for name, t, p in marks] or [("none", True)]
        if "right" in arrays:
            return [(f"{percent(float(arrays['right'][place]))} right", True)]
        return []

    def text_at(self, place: QPointF, area: QRectF) -> str:
        at = self._at(place, area)
        if at is None:
            return ""
        sample = self.places[at]
        words = " · ".join(words for words, _ in self.said(sample))
        more = self.samples.words(sample)
        told = f"sample {sample:,} · {words} · loss {number(float(self._losses[sample]))}"
        return f"{told} · {more}" if more else told

    def click(self, place: QPointF, area: QRectF) -> str | None:
        if self._cell is None or place.y() - area.top() > LINE:
            return None
        self._view.state.pop("cell", None)
        self._view.options_chosen.emit({"true_class": -1, "predicted_class": -1})
        return self.title

    # Painting -------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        head = paint_head(painter, area, self.head, tokens)
        if self._legend():
            self._paint_legend(painter, head.translated(0, LINE), tokens)
        seen = painter.viewport().height()
        for at in range(len(self.places)):
            box = self._box(at, area)
            if box.bottom() > 0 and box.top() < seen:
                self._paint_sample(painter, box, self.places[at], tokens)

    def _paint_legend(self, painter: QPainter, line: QRectF, tokens: Theme) -> None:
        """The colours of classes over a picture."""
        painter.setFont(theme.sans(10))
        x = line.left()
        for one in range(1, min(self._names.count, 10)):
            name = self._names(one)
            wide = painter.fontMetrics().horizontalAdvance(name) + 22
            if x + wide > line.right():
                break
            painter.fillRect(QRectF(x, line.center().y() - 4, 8, 8), theme.colour(colour_of(one)))
            painter.setPen(theme.colour(tokens.muted))
            painter.drawText(QRectF(x + 12, line.top(), wide, LINE), LEFT, name)
            x += wide

    def _paint_sample(self, painter: QPainter, box: QRectF, sample: int, tokens: Theme) -> None:
        panels = self._panel_count
        if panels == 1 and not self.samples.are_pictures:
            self._paint_line(painter, box, sample, tokens)
            return
        side = box.width() / panels
        for panel in range(panels):
            room = QRectF(box.left() + panel * side, box.top(), side - (3 if panels > 1 else 0), side)
            image = self._panel(sample, panel)
            if image is not None:
                draw_image(painter, room, image)
            else:
                painter.fillRect(room, theme.colour(tokens.raised))
                painter.setFont(theme.sans(10))
                painter.setPen(theme.colour(tokens.faint))
                painter.drawText(room, MIDDLE | Qt.TextFlag.TextWordWrap, "not sent")
        self._paint_words(
            painter, QRectF(box.left(), box.top() + side, box.width(), LINE - 2), sample, tokens
        )

    def _paint_words(self, painter: QPainter, line: QRectF, sample: int, tokens: Theme) -> None:
        said = self.said(sample) or [("", True)]
        painter.setFont(theme.sans(10))
        painter.setPen(theme.colour(tokens.text if said[0][1] else tokens.bad))
        titles = self._titles()
        if titles:
            painter.setPen(theme.colour(tokens.faint))
            side = line.width() / len(titles)
            for at, title in enumerate(titles):
                painter.drawText(line.translated(at * side, 0), LEFT, title)
        else:
            painter.drawText(line, LEFT, elided(painter, said[0][0], line.width()))
        painter.setFont(theme.mono(9))
        painter.setPen(theme.colour(tokens.muted))
        below = line.translated(0, LINE - 3)
        told = f"loss {number(float(self._losses[sample]))}"
        if titles and said[0][0]:
            told = f"{said[0][0]} · {told}"
        painter.drawText(below, LEFT, elided(painter, told, below.width()))

    def _titles(self) -> tuple[str, ...]:
        """What the pictures beside each other are."""
        if self._panel_count == 3:
            return ("data", "true", "predicted")
        return ("true", "predicted") if self._panel_count == 2 else ()

    def _panel(self, sample: int, panel: int) -> QImage | None:
        rank = self.samples.rank(sample)
        if rank is None:
            return None
        if (sample, panel) not in self._panels:
            self._panels[sample, panel] = self._made(sample, rank, panel) or QImage()
        found = self._panels[sample, panel]
        return None if found.isNull() else found

    def _made(self, sample: int, rank: int, panel: int) -> QImage | None:
        if "true_pictures" in self._arrays:
            names = ("true_pictures", "predicted_pictures")
            at = panel - (1 if self.samples.are_pictures else 0)
            if at >= 0:
                return image_of(np.asarray(self._arrays[names[at]][rank], np.uint8))
        elif self._panel_count == 2:
            classes = np.asarray(self._arrays[("true_places", "predicted_places")[panel]][rank], np.int64)
            under = self.samples.pictures
            return masked(None if under is None else np.asarray(under[rank], np.uint8), classes)
        return self.samples.image(sample)

    def _paint_line(self, painter: QPainter, box: QRectF, sample: int, tokens: Theme) -> None:
        """A text or a row: what it is, below it what is true and what is said."""
        top = QRectF(box.left(), box.top(), box.width(), box.height() - LINE)
        self.samples.paint(painter, top.adjusted(0, 1, 0, -2), sample, tokens)
        line = QRectF(box.left(), box.bottom() - LINE, box.width(), LINE)
        painter.setFont(theme.mono(10))
        painter.setPen(theme.colour(tokens.muted))
        told = f"loss {number(float(self._losses[sample]))}"
        wide = painter.fontMetrics().horizontalAdvance(told) + 8
        painter.drawText(line, RIGHT, told)
        painter.setFont(theme.sans(11))
        room = QRectF(line.left(), line.top(), line.width() - wide, LINE)
        rank = self.samples.rank(sample)
        places = self._arrays.get("true_places")
        if places is not None and rank is not None:
            self._paint_tokens(painter, room, rank, tokens)
            return
        for words, right in self.said(sample):
            painter.setPen(theme.colour(tokens.text if right else tokens.bad))
            painter.drawText(room, LEFT, elided(painter, words, room.width()))
            room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(words) + 10)

    def _paint_tokens(self, painter: QPainter, line: QRectF, rank: int, tokens: Theme) -> None:
        """The words that count: wrong ones stand beside the true one, in the colour of what is bad."""
        true, said = (self._arrays[name][rank].tolist() for name in ("true_places", "predicted_places"))
        for wanted, given in zip(true, said, strict=True):
            if wanted < 0:
                continue
            words = self._names(wanted) if wanted == given else f"{self._names(wanted)}→{self._names(given)}"
            wide = painter.fontMetrics().horizontalAdvance(words) + 7
            if line.width() < wide + 10:
                painter.setPen(theme.colour(tokens.faint))
                painter.drawText(line, LEFT, "…")
                return
            painter.setPen(theme.colour(tokens.text if wanted == given else tokens.bad))
            painter.drawText(line, LEFT, words)
            line.setLeft(line.left() + wide)
