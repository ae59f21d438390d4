"""What the inspector shows of a data set: its figures, a few samples, its licence, and what was skipped.

Reading happens in a thread of its own; an answer to a question that is no longer asked is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal

from app.inspector.download_part import DownloadPart
from app.lenses.samples import SampleView
from app.style import theme
from app.widgets.background_task import BackgroundTask
from app.widgets.buttons import QuietButton
from app.widgets.numbers import grouped
from app.widgets.section import Figures, Heading, Section
from app.widgets.text import body
from engine.data.pairing import NodeData
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.preview import SetPreview
from nodes.shared.card_label import by

SHOWN_SAMPLES = 12


@dataclass(frozen=True, eq=False)
class ShownSamples:
    """A data set and a few of its samples, fetched where it does not hurt."""

    data: DataSet
    samples: SetPreview


def _read(question: NodeData) -> ShownSamples | str:
    """The data set and its samples, or a sentence that says why not."""
    from engine.data import shown

    try:
        return ShownSamples(shown.load(question), shown.preview(question, SHOWN_SAMPLES))
    except DataError as error:
        return str(error)


class DataPreview(Section):
    """Figures and samples of a data source. `look_wanted`: somebody wants to see all that is known of it."""

    look_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading("Samples")
        self.samples = SampleView()
        self.message = body("")
        self.figures = Figures()
        self.description = body("")
        self.skipped = body("")
        self.download = DownloadPart()
        self.look = QuietButton("Look at the data…", "magnify")
        self.look.clicked.connect(self.look_wanted)
        for widget in (
            self.heading,
            self.look,
            self.samples,
            self.message,
            self.download,
            self.figures,
            self.description,
            self.skipped,
        ):
            self.add(widget)
        self.download.done.connect(self._ask_again)
        self.download.failed.connect(lambda message: self._say(message, bad=True))
        self.samples.pointed.connect(self._pointed)
        self.preview: ShownSamples | None = None
        self._told: frozenset[str] = frozenset()
        self._asked: NodeData | None = None
        self._reading = BackgroundTask("data preview", _read, self)
        self._reading.answered.connect(self._answered)
        self._reading.failed.connect(self._answered)
        self._say("")
        self.download.hide()

    def show_data(self, data: NodeData) -> None:
        """Show the data of a node; reads them when they are others than before."""
        if data != self._asked:
            self._asked = data
            if self.preview is None:
                self._say("Reading the data set …")
            self._reading.ask_instead(data)

    def leave_out(self, told: Iterable[str]) -> None:
        """Sentences that stand above already: they are not said again here."""
        self._told = frozenset(told)
        self._arrange()

    def _ask_again(self) -> None:
        if self._asked is not None:
            self._reading.ask(self._asked)

    def _say(self, message: str, *, bad: bool = False) -> None:
        self.message.setText(message)
        self._arrange()
        self.message.setStyleSheet(f"color: {theme.current().bad};" if bad else "")
        for widget in (self.samples, self.figures, self.description, self.skipped):
            widget.setVisible(not message)

    def _arrange(self) -> None:
        """The heading stands where something is below it."""
        message = self.message.text()
        self.message.setVisible(bool(message) and message not in self._told)
        self.heading.setVisible(message not in self._told)

    def _answered(self, question: object, answer: object) -> None:
        if question != self._asked:
            return
        if isinstance(answer, ShownSamples):
            self.preview = answer
            self._say("")
            self.download.hide()
            self._show_preview(answer)
        else:
            self.preview = None
            self.heading.title.setText("Samples")
            self.heading.note.setText("")
            self._say(str(answer), bad=True)
            self.download.offer(self._asked.source.dataset if self._asked is not None else "")

    def _show_preview(self, preview: ShownSamples) -> None:
        data, info = preview.data, preview.data.info
        self.heading.title.setText(info.title)
        self.heading.note.setText(info.kind)
        self.samples.show_samples(preview.samples)
        shape = by(info.input.features) or "1"
        figures = {
            "Training samples": grouped(len(data.train)),
            "Validation samples": grouped(len(data.validation)),
            "Size of a sample": shape,
        }
        if info.classes:
            figures["Classes"] = grouped(len(info.classes))
        if info.labels:
            figures["Labels"] = grouped(len(info.labels))
        if info.columns:
            figures["Columns"] = grouped(len(info.columns))
        self.figures.show_figures(figures)
        self.description.setText(
            "\n".join(part for part in (info.description, _licence(info.licence)) if part)
        )
        self.description.setVisible(bool(self.description.text()))
        left_out = (*data.notes, *data.skipped)
        self.skipped.setText(_skipped(left_out))
        self.skipped.setVisible(bool(left_out))
        self.skipped.setStyleSheet(f"color: {theme.current().warn};")

    def _pointed(self, text: str) -> None:
        kind = self.preview.data.info.kind if self.preview is not None else ""
        self.heading.note.setText(text or kind)


def _licence(licence: str) -> str:
    return f"Licence: {licence}" if licence else ""


def _skipped(reasons: Sequence[str]) -> str:
    if not reasons:
        return ""
    more = f"\n… and {len(reasons) - 5} more" if len(reasons) > 5 else ""
    return f"Skipped {len(reasons)}:\n" + "\n".join(reasons[:5]) + more
