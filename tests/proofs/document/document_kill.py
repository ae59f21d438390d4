"""Kills an editing and saving process at random moments: document_kill [TIMES] [SEED].

After each kill the project file must load and be one that was saved whole, and the newest of file and
recovery file must hold every edit but those of the last second.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from app.state.recovery import RecoveryWriter
from app.state.session import Session
from engine.document.project import Project
from engine.document.storage.file import load, save, to_bytes
from engine.document.storage.recovery import RecoveryStore
from tests import ROOT
from tests.engine.document.drawing import EDITS, START, apply, replay

MOST_LOST = 1.0
"""Seconds of edits."""


def digest(project: Project) -> str:
    return hashlib.sha256(to_bytes(project)).hexdigest()[:16]


# The process that is killed ---------------------------------------------------------------------------------


class Editor:
    """Edits a session every 5 to 50 ms and saves it now and then, with the workbench's autosave at work."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.path = folder / "project.loom"
        self.log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.session = Session(replay(START))
        self.recovery_writer = RecoveryWriter(self.session)
        self.recovery_writer.hold(self.path)
        self.timer = QTimer(singleShot=True)
        self.timer.timeout.connect(self.step)
        self.save()
        self.step()

    def step(self) -> None:
        """One edit, written down before the session hears of it: what is lost is never counted too low."""
        steps = (self.chance.choice(sorted(EDITS)), *(self.chance.randrange(10_000) for _ in range(3)))
        before = self.session.project
        edited = apply(before if len(before.main.nodes) < 80 else replay(START), steps)
        if edited is not before:
            _note(self.log, "edited", edited)
            self.session.apply(edited, "Edit")
        if time.monotonic() > self.next_save:
            self.save()
        self.timer.start(self.chance.randint(5, 50))

    def save(self) -> None:
        project = self.session.project
        _note(self.log, "saving", project)
        save(project, self.path)
        _note(self.log, "saved", project)
        self.session.mark_saved(project, self.path)
        self.recovery_writer.saved(self.path)
        self.next_save = time.monotonic() + self.chance.uniform(0.05, 2.5)


def edit_for_ever(folder: Path, seed: int) -> int:
    application = QCoreApplication([])
    editor = Editor(folder, seed)
    assert editor.timer.isActive()
    return application.exec()


def _note(log: int, what: str, project: Project) -> None:
    os.write(log, f"{time.time():.6f} {what} {digest(project)}\n".encode())


# The process that kills -------------------------------------------------------------------------------------


def killed_once(folder: Path, seed: int, chance: random.Random) -> tuple[float, str]:
    """Seconds of edits lost, and where the newest state was."""
    # The state folder of the user is the child's own, and so are its recovery files.
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.document.document_kill", "--child", str(folder), str(seed)],
        cwd=ROOT,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
    )
    log = folder / "log"
    while not log.exists() or b"saved" not in log.read_bytes():
        assert child.poll() is None, "the child ended by itself"
        time.sleep(0.005)
    time.sleep(chance.uniform(0.0, 2.0))
    child.kill()
    moment = time.time()
    assert child.wait() == -9, "the child ended by itself"
    return _lost(folder, log.read_text(), moment)


def _lost(folder: Path, log: str, moment: float) -> tuple[float, str]:
    steps = [line.split() for line in log.splitlines() if line.count(" ") == 2]
    edited = [(float(when), state) for when, what, state in steps if what in ("edited", "saved")]
    saved = [state for _, what, state in steps if what in ("saved", "saving")]
    last_whole = max(place for place, step in enumerate(steps) if step[1] == "saved")
    present = digest(load(folder / "project.loom"))
    allowed = {steps[last_whole][2], saved[-1]}
    assert present in allowed, f"the file holds {present}, neither the old {allowed} nor the new"
    found = [(present, "file")]
    store = RecoveryStore(folder / "layerloom" / "recovery")
    assert store.damaged() == [], "a damaged recovery file"
    found += [(digest(recovered.project), "recovery") for recovered in store.pending()]
    states = [state for _, state in edited]
    newest, where = max(
        (max(place for place, known in enumerate(states) if known == state), where) for state, where in found
    )
    after = [when for when, state in edited[newest + 1 :] if state != states[newest]]
    return (moment - after[0] if after else 0.0), where


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--child"]:
        return edit_for_ever(Path(arguments[1]), int(arguments[2]))
    times = int(arguments[0]) if arguments else 100
    chance = random.Random(int(arguments[1]) if len(arguments) > 1 else 0)
    lost: list[float] = []
    places = {"file": 0, "recovery": 0}
    for number in range(times):
        with tempfile.TemporaryDirectory(prefix="layerloom-kill-") as folder:
            seconds, where = killed_once(Path(folder), number, chance)
        lost.append(seconds)
        places[where] += 1
        assert seconds <= MOST_LOST, f"kill {number}: {seconds:.2f} s of edits lost"
        if number % 20 == 19:
            print(f"{number + 1} kills, at most {max(lost):.2f} s of edits lost", flush=True)
    middle = sorted(lost)[len(lost) // 2]
    print(f"{times} kills: median {middle:.2f} s, most {max(lost):.2f} s of edits lost; newest in {places}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
