"""What an exporter and an importer are: one class each, in a file of this folder or of a package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, NamedTuple

from engine.document.project import Project
from nodes.user_error import UserError


class ExchangeError(UserError):
    """Something that cannot be exported or imported. The message is the sentence for the user."""


class Exported(NamedTuple):
    """The files written, and one sentence with true counts: what they hold and what was left out."""

    files: tuple[Path, ...]
    sentence: str


class Imported(NamedTuple):
    """The project that was read, and one sentence with true counts: what was read, left out or assumed."""

    project: Project
    sentence: str


class Exporter(ABC):
    """Writes a project, and the weights of a run where it asks for them, as another kind of file."""

    id: ClassVar[str]
    title: ClassVar[str]
    suffix: ClassVar[str]
    """Of the file that is written, with its dot."""
    needs_weights: ClassVar[bool] = False

    @abstractmethod
    def export(self, project: Project, target: Path, weights: Path | None = None) -> Exported:
        """Write `target`. `weights` is a safetensors file of a run. Raises `ExchangeError` or `OSError`."""
        raise ExchangeError(
            f"{self.title}: Expected an exporter that writes files. Received one that does not."
        )


class Importer(ABC):
    """Reads another kind of file as a project. It runs nothing that the file holds."""

    id: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]

    @abstractmethod
    def read(self, source: Path) -> Imported:
        """The project in a file. Raises `ExchangeError` or `OSError`."""
        raise ExchangeError(
            f"{self.title}: Expected an importer that reads files. Received one that does not."
        )
