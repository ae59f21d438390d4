"""Fetches a data set that does not come with the product: a button, then progress and a way to stop it.

The download itself is the engine's; it runs in a thread of its own and goes on where a broken one stopped.
"""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.training.training_header import ProgressLine
from app.widgets.buttons import QuietButton
from app.widgets.numbers import scaled
from app.widgets.text import caption
from nodes.reading import download
from nodes.reading.error import DataError


class _Fetcher(QObject):
    """Downloads in a thread and tells by signals, which Qt brings to the thread of the window."""

    progressed = Signal(object, object)  # bytes so far and in all; these may exceed an int of C
    ended = Signal(str)  # why it failed; empty: all is there

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._cancelled = threading.Event()

    def start(self, name: str) -> None:
        self._cancelled.clear()
        threading.Thread(target=self._fetch, args=(name,), name="download", daemon=True).start()

    def cancel(self) -> None:
        self._cancelled.set()

    def _fetch(self, name: str) -> None:
        try:
            download.fetch(name, self.progressed.emit, self._cancelled.is_set)
            message = ""
        except DataError as error:
            message = str(error)
        except RuntimeError:
            return  # the window closed meanwhile; what has come stays for the next time
        try:
            self.ended.emit(message)
        except RuntimeError:
            return


class DownloadPart(QWidget):
    """Offers the download of one data set. `done` tells that it is there."""

    done = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.name = ""
        self.button = QuietButton("Download", "download")
        self.cancel = QuietButton("Cancel")
        self.progress = ProgressLine()
        self.text = caption("")
        line = QHBoxLayout()
        line.addWidget(self.button)
        line.addWidget(self.text, 1)
        line.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.progress)
        self._fetcher = _Fetcher(self)
        self._fetcher.progressed.connect(self._progressed)
        self._fetcher.ended.connect(self._ended)
        self.button.clicked.connect(self._start)
        self.cancel.clicked.connect(self._fetcher.cancel)
        self.destroyed.connect(self._fetcher.cancel, Qt.ConnectionType.DirectConnection)
        self._show_running(False)

    def offer(self, name: str) -> None:
        """Offer this data set; nothing where it is not one that can be downloaded."""
        files = download.declared().get(name, ())
        self.setVisible(bool(files))
        if name != self.name:
            self._fetcher.cancel()
            self.name = name
            self.button.setText(f"Download {scaled(sum(file.bytes for file in files), 'B')}")
            self._show_running(False)

    def _start(self) -> None:
        self._show_running(True)
        self.text.setText("Connecting …")
        self.progress.show_share(0.0)
        self._fetcher.start(self.name)

    def _progressed(self, received: int, total: int) -> None:
        self.text.setText(f"{scaled(received, 'B')} of {scaled(total, 'B')}")
        self.progress.show_share(received / max(1, total))

    def _ended(self, message: str) -> None:
        self._show_running(False)
        if message:
            self.failed.emit(message)
        else:
            self.done.emit()

    def _show_running(self, running: bool) -> None:
        self.button.setVisible(not running)
        self.cancel.setVisible(running)
        self.progress.setVisible(running)
        self.text.setVisible(running)
