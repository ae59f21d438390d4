"""What a run is to be, before it begins. A value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.document.project import Project
from engine.messages.run_handle import RunHandle


@dataclass(frozen=True)
class RunRequest:
    """A run to be: of which drawing, and where it starts from.

    `resume` goes on from a checkpoint of `folder`, in that folder. `start` takes the weights of a checkpoint
    or of a file of weights (into the part `prefix`, or by path) and begins anew.
    """

    project: Project
    folder: Path | None = None
    resume: Path | None = None
    start: Path | None = None
    prefix: str = ""

    def more(self) -> dict[str, Any]:
        """What a run is told besides its drawing and its folder."""
        given = {"resume": self.resume, "start": self.start, "prefix": self.prefix}
        return {name: value for name, value in given.items() if value}

    def made(self, folder: Path | None) -> RunHandle:
        """The run, in a thread or in a process of its own, with this folder. It is not started."""
        from engine.system.device import cuda_is_lost

        if self.project.settings.run_in == "process" or cuda_is_lost():
            from engine.run.process import ProcessRun

            return ProcessRun(self.project, folder=folder, **self.more())
        from engine.run.run import Run

        return Run(self.project, folder=folder, **self.more())
