"""Full and read-only disks, clocks set back, two trainings of one run, signals: run_faults [TIMES] [SEED].

Runs of the product meet each fault at another moment; then the disk has room again and they go on. Old or new
files must load at any time, and all that a run leaves must have the hashes of an uninterrupted one. The disk
is a small one in memory, in a mount namespace of this process (Linux, `unshare`).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from engine.messages.events import Event, Progress
from engine.run import files, run_folder
from engine.run.run import Run
from engine.runs import archive, places
from engine.runs.places import is_free
from tests import ROOT
from tests.resuming import drawn, fingerprint, newest

NAMES = ("cnn with dropout", "dcgan")
EPOCHS = 4
PAGE = 4096
ROOM = 256 << 20
"""Bytes of a disk that is not full."""
SENTENCE = re.compile(r"disk is full|could not be written|No space left|Read-only|unable to open|readonly")
Prints = dict[str, str]


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["--inside"]:
        return _in_a_namespace(arguments)
    times = int(arguments[1]) if len(arguments) > 1 else 50
    chance = random.Random(int(arguments[2]) if len(arguments) > 2 else 0)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="layerloom-faults-") as name:
        disk = Disk(Path(name) / "disk")
        try:
            for drawing in NAMES:
                proven(disk, drawing, times // len(NAMES), chance)
        finally:
            disk.unmount()
    print(f"All faults were survived; {time.monotonic() - begun:.0f} s")
    return 0


def _in_a_namespace(arguments: list[str]) -> int:
    if shutil.which("unshare") is None:
        print("Install unshare (util-linux). Expected it, to mount a small disk. Received none.")
        return 2
    own = [sys.executable, "-m", __spec__.name, "--inside", *arguments]
    words = ["unshare", "--user", "--map-root-user", "--mount"]
    return subprocess.run([*words, *own], cwd=ROOT, check=False).returncode


class Disk:
    """A file system in memory, of a size that may be changed at any time."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        self._mount(f"size={ROOM}")

    def _mount(self, options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.place], check=True)

    def resize(self, size: int) -> None:
        self._mount(f"remount,rw,size={size}")

    def lock(self) -> None:
        """Nothing can be written any more."""
        self._mount("remount,ro")

    def unmount(self) -> None:
        subprocess.run(["umount", self.place], check=True)

    @property
    def used(self) -> int:
        found = os.statvfs(self.place)
        return (found.f_blocks - found.f_bfree) * found.f_frsize

    def clear(self) -> None:
        self.resize(ROOM)
        for path in self.place.iterdir():
            shutil.rmtree(path)


# Processes ------------------------------------------------------------------------------------------------


def begun(action: Callable[[], int]) -> int:
    """The number of a process that does this; its exit code is what it returns."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = action()
        except BaseException:  # noqa: BLE001 - a fork must not go on in the code of its parent
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def course(folder: Path, name: str, said: Path, tell: Callable[[Event], None] = lambda event: None) -> int:
    """Trains in this folder, from its newest checkpoint on, and leaves its last word in `said`."""
    import torch

    torch.set_num_threads(1)
    files.FIRST_SECONDS = files.SECONDS = 0.02
    files.COST_FACTOR = 1
    checkpoint = newest(folder)
    if checkpoint is None and not is_free(folder):
        shutil.rmtree(folder)  # it ended before there was anything to go on with
    project = drawn(name, epochs=EPOCHS) if checkpoint is None else archive.project_of(folder)
    finished = Run(project, folder=folder, resume=checkpoint, device="cpu").execute(tell)
    said.write_text(f"{finished.status} {finished.message}")
    return int(finished.status == "failed")


def completed(folder: Path, name: str, said: Path) -> Prints:
    code = ended(begun(lambda: course(folder, name, said)))
    assert code == 0, f"{name}: {said.read_text()}"
    assert said.read_text().startswith("completed"), said.read_text()
    return prints(folder)


def prints(folder: Path) -> Prints:
    """The fingerprint without what a failure alone leaves: weights that are sound, warnings, samples that a
    full disk did not take.
    """
    left_out = ("sound", "rows of messages", "samples")
    return {key: value for key, value in fingerprint(folder).items() if not key.startswith(left_out)}


def same(whole: Prints, folder: Path, name: str, said: Path, fault: str) -> None:
    left = completed(folder, name, said)
    other = [key for key in whole.keys() | left.keys() if whole.get(key) != left.get(key)]
    assert not other, f"{name}, {fault}: {other} differ from the uninterrupted run"


# Faults ---------------------------------------------------------------------------------------------------


def proven(disk: Disk, name: str, times: int, chance: random.Random) -> None:
    """Every fault, for runs of this drawing. Raises AssertionError."""
    said = disk.place.parent / "said"
    whole = completed(disk.place / "p.runs" / "whole", name, said)
    print(f"{name}: {full_disks(disk, name, times, whole, chance)}", flush=True)
    print(f"{name}: {read_only(disk, name, whole)}", flush=True)
    print(f"{name}: {clock_back(disk, name, whole)}", flush=True)
    for kind in (two_trainings, signals):
        print(f"{name}: {kind(disk, name, whole, chance)}", flush=True)
    disk.clear()


def full_disks(disk: Disk, name: str, times: int, whole: Prints, chance: random.Random) -> str:
    """The disk has room for another part of a run each time, then is full; most often near its end."""
    said, folder, reached = disk.place.parent / "said", disk.place / "p.runs" / "r", []
    most = enough(disk, name, disk.used)
    while len(reached) < times:
        size = max(PAGE, int(most * chance.random() ** 0.5) // PAGE * PAGE)
        code = tried(disk, name, size)
        if code == 0:
            continue  # this time fewer checkpoints were written
        assert code == 1, f"{name}, {size:,} bytes: exit code {code}, {said.read_text()}"
        assert SENTENCE.search(said.read_text()), f"{name}, {size:,} bytes: {said.read_text()}"
        record = archive.record_of(folder) if folder.exists() else None
        assert record is None or record.status in ("failed", "interrupted"), record
        reached.append(0 if record is None else record.step)
        disk.resize(ROOM)
        same(whole, folder, name, said, f"{size:,} bytes of disk")
    return f"{times} full disks, at steps {reached}; all went on to the same bits"


def tried(disk: Disk, name: str, size: int) -> int:
    """The exit code of a run on a disk of this size."""
    disk.clear()
    disk.resize(size)
    return ended(begun(lambda: course(disk.place / "p.runs" / "r", name, disk.place.parent / "said")))


def enough(disk: Disk, name: str, needed: int) -> int:
    """About the least bytes of disk with which a run ends well; it holds more meanwhile than at its end."""
    low, high = needed, 2 * needed
    while tried(disk, name, high):
        low, high = high, 2 * high
    while high - low > needed // 20:
        middle = (low + high) // 2 // PAGE * PAGE
        if tried(disk, name, middle):
            low = middle
        else:
            high = middle
    return low


def read_only(disk: Disk, name: str, whole: Prints) -> str:
    """No run begins or goes on where nothing can be written; what is there is read."""
    disk.clear()
    said, folder = disk.place.parent / "said", disk.place / "p.runs" / "r"
    stopped(folder, name, said, 20)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    disk.lock()
    for place in (folder, disk.place / "p.runs" / "other"):
        code = ended(begun(lambda place=place: course(place, name, said)))  # type: ignore[misc]
        assert code == 1, said.read_text()
        assert SENTENCE.search(said.read_text()), said.read_text()
    (record,) = archive.runs_in(folder.parent)
    assert record.resumable, record
    assert archive.curves_of(folder).losses
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    disk.resize(ROOM)
    same(whole, folder, name, said, "a read-only disk")
    return "read-only: refused in a sentence, read, and went on to the same bits"


def stopped(folder: Path, name: str, said: Path, step: int) -> None:
    """A run that is killed after this step."""

    def tell(event: Event) -> None:
        if isinstance(event, Progress) and event.step >= step and newest(folder) is not None:
            os.kill(os.getpid(), signal.SIGKILL)

    assert ended(begun(lambda: course(folder, name, said, tell))) == -signal.SIGKILL


class _Yesterday(datetime):
    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        return datetime.now(tz) - timedelta(days=1)


def clock_back(disk: Disk, name: str, whole: Prints) -> str:
    """A run that begins, and one that goes on, after the clock was set back by a day."""
    disk.clear()
    said, runs = disk.place.parent / "said", disk.place / "p.runs"
    stopped(runs / "first", name, said, 10)

    def later() -> int:
        run_folder.datetime = places.datetime = _Yesterday  # type: ignore[attr-defined,misc]
        now = time.time
        time.time = lambda: now() - 86_400.0
        ended_well = course(places.new_run(runs), name, said) == 0 and course(runs / "first", name, said) == 0
        return int(not ended_well)

    assert ended(begun(later)) == 0, said.read_text()
    newest_run, oldest = archive.runs_in(runs)
    assert newest_run.created < oldest.created, "the clock was not set back"
    assert oldest.folder.name == "first"
    for record in (newest_run, oldest):
        assert prints(record.folder) == whole, f"{name}: {record.folder.name} differs"
    return "clock set back: the newest run is the first, and both have the same bits"


def two_trainings(disk: Disk, name: str, whole: Prints, chance: random.Random) -> str:
    """Several processes go on with one run at once: one does, the others say so."""
    disk.clear()
    folder = disk.place / "p.runs" / "r"
    words = [disk.place.parent / f"said-{number}" for number in range(3)]
    refused = 0
    for _ in range(5):
        stopped(folder, name, words[0], chance.randint(1, 15))
        pids = [begun(lambda said=said: course(folder, name, said)) for said in words]  # type: ignore[misc]
        codes = [ended(pid) for pid in pids]
        told = [said.read_text() for said in words]
        assert 0 in codes, told
        for code, text in zip(codes, told, strict=True):
            assert code == 0 or "running already" in text or "new or empty folder" in text, text
        refused += sum(code != 0 for code in codes)
        assert prints(folder) == whole, f"{name}: two trainings at once left something else"
        shutil.rmtree(folder)
    assert refused, "no training met another"
    return f"three trainings at once, 5 times: {refused} of 15 were refused, the bits are the same"


def signals(disk: Disk, name: str, whole: Prints, chance: random.Random) -> str:
    """The command line is told to end, or nobody reads it any more: it keeps what it has."""
    from engine.document.storage.file import save

    disk.clear()
    said, project = disk.place.parent / "said", disk.place / "p.loom"
    runs = places.runs_of(project)
    reached = []
    for ending in ("SIGTERM", "SIGHUP", "SIGINT", "closed pipe") * 3:
        disk.clear() if not project.exists() else None
        shutil.rmtree(runs, ignore_errors=True)
        save(drawn(name, epochs=EPOCHS), project)
        code, text = _told_to_end(project, ending, chance.randint(1, 12))
        assert code in (0, 1), f"{ending}: {code} {text}"
        assert "Traceback" not in text, text
        (record,) = archive.runs_in(runs)
        assert record.status in ("stopped", "completed"), record
        reached.append(record.step)
        if record.status == "stopped":
            same(whole, record.folder, name, said, ending)
    project.unlink()
    return f"SIGTERM, SIGHUP, SIGINT, closed pipe, 3 times each, at steps {reached}: the same bits"


def _told_to_end(project: Path, ending: str, lines: int) -> tuple[int, str]:
    """Exit code and errors of `layerloom train` that is told to end after so many lines."""
    words = [sys.executable, "-m", "app", "train", str(project), "--json", "--device", "cpu"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors)
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        if ending == "closed pipe":
            process.stdout.close()
        else:
            process.send_signal(getattr(signal, ending))
            process.stdout.read()
            process.stdout.close()
        code = process.wait(120)
        errors.seek(0)
        return code, errors.read().decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
