"""Asks cases: each in a process of its own, watched, with bounds of time and memory.

The processes are forks of one that has loaded the product, so that a case costs a tenth of a second and its
bounds are those of the question alone.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nodes.user_error import UserError
from tests.hostile.case import Case
from tests.hostile.memory import peak
from tests.hostile.watched import watched

HANGS = 20.0
"""Seconds beyond those of the case after which it counts as hanging."""
YARDSTICK = 0.02
"""CPU seconds of the yardstick for which the bounds of the cases are meant: a slower machine has longer."""
ADDRESSES = 14 << 30
"""Bytes of addresses that a case may take: the machine must live on."""


@dataclass
class Answer:
    """What a case answered: exit code, text, CPU seconds, megabytes above idle, and its faults.

    `slowness` is the yardstick of that moment against `YARDSTICK`, at least 1.
    """

    code: int
    text: str
    seconds: float
    megabytes: int
    slowness: float = 1.0
    faults: list[str] = field(default_factory=list)


_LOADED = (
    *(f"app.cli.{name}" for name in ("data", "plug_ins", "projects", "runs", "sample", "train")),
    *("typer._adapters", "nodes.reading.csv_table", "nodes.data_sets.text", "nodes.data_sets.table_files"),
    *("engine.compile.compiler", "engine.infer.inference", "engine.run.run", "engine.run.resume"),
)


def ask_all(cases: Iterable[Case]) -> Iterator[tuple[Case, Answer]]:
    """The answer to every case, one after the other."""
    _warm()
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="layerloom-hostile-", ignore_cleanup_errors=True) as name:
            yield case, _asked(case, Path(name))


def _warm() -> None:
    """Load what any question needs, so that it is not counted."""
    import pyarrow
    import torch

    for name in _LOADED:
        importlib.import_module(name)
    torch.set_num_threads(1)
    torch.zeros(2).add(1)
    pyarrow.array([1])  # loads pandas where it is installed


def _slowness() -> float:
    """Seconds of a fixed piece of work now, against `YARDSTICK`; at least 1."""
    started, counts = time.process_time(), dict.fromkeys(range(977), 0)
    for number in range(60_000):
        counts[number % 977] = counts[number % 977] + number
    return max(1.0, (time.process_time() - started) / YARDSTICK)


def _asked(case: Case, folder: Path) -> Answer:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _child(case, folder, write)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = _received(pid, pipe.fileno(), case.seconds + HANGS)
    return _judged(case, answer)


def _received(pid: int, pipe: int, longest: float) -> Answer:
    """What the child sends within so many seconds; the child is gone afterwards."""
    import select

    end, data = time.monotonic() + longest, b""
    while (left := end - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            break
        part = os.read(pipe, 1 << 16)
        if not part:
            break
        data += part
    hangs = time.monotonic() >= end
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    if hangs:
        return Answer(-1, "", longest, 0, faults=[f"hangs: no answer in {longest:g} s"])
    if not data:
        return Answer(-1, "", 0, 0, faults=[f"the process died, status {os.waitstatus_to_exitcode(status)}"])
    return Answer(**json.loads(data))


def _child(case: Case, folder: Path, pipe: int) -> None:
    """Ask in this process, send the answer and end."""
    code = 70
    try:
        os.setpgid(0, 0)
        path = case.make(folder)
        home = folder / "home"
        home.mkdir(exist_ok=True)
        os.environ.update(HOME=str(home), XDG_STATE_HOME=str(home), XDG_CACHE_HOME=str(home))
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
        answer = _measured(case, path, folder)
        os.write(pipe, json.dumps(asdict(answer)).encode())
        code = 0
    except BaseException:  # noqa: BLE001 - a fork must not go on in the code of its parent
        failure = Answer(70, "", 0, 0, faults=["the harness failed: " + traceback.format_exc()[-2000:]])
        os.write(pipe, json.dumps(asdict(failure)).encode())
    finally:
        os._exit(code)


def _measured(case: Case, path: Path, folder: Path) -> Answer:
    before, slowness = peak(reset=True), _slowness()
    started = time.process_time()
    with captured() as text, watched(folder) as seen:
        code, traces = _answer(case, path, folder)
    seconds = time.process_time() - started
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds += children.ru_utime + children.ru_stime
    faults = [f"did what no file may cause: {event}" for event in seen[:5]] + traces
    memory = max(0, peak() - before)
    slowness = max(slowness, _slowness())
    return Answer(code, text()[:100_000], round(seconds, 2), memory, round(slowness, 2), faults)


def _answer(case: Case, path: Path, folder: Path) -> tuple[int, list[str]]:
    try:
        if case.call is None:
            from app.cli.application import main

            words = [part.format(path, folder=folder) for part in case.command]
            return main(words), []
        sys.stdout.write(f"{case.call(path)}\n")
    except UserError as error:
        sys.stdout.write(f"{error}\n")
        return 2, []
    except BaseException as error:  # noqa: BLE001 - whatever comes is the answer
        return 70, [f"{type(error).__name__} reached the user: {traceback.format_exc()[-1500:]}"]
    return 0, []


@contextlib.contextmanager
def captured() -> Iterator[Callable[[], str]]:
    """Everything written to the two outputs meanwhile, also by C libraries."""
    with tempfile.TemporaryFile() as file:
        kept = os.dup(1), os.dup(2)
        sys.stdout.flush(), sys.stderr.flush()
        os.dup2(file.fileno(), 1), os.dup2(file.fileno(), 2)
        text: list[str] = []
        try:
            yield lambda: text[0] if text else ""
        finally:
            sys.stdout.flush(), sys.stderr.flush()
            for number, one in enumerate(kept, 1):
                os.dup2(one, number)
                os.close(one)
            file.seek(0)
            text.append(file.read().decode(errors="replace"))


def _judged(case: Case, answer: Answer) -> Answer:
    """The same answer with everything that is wrong with it."""
    if answer.code == -1:
        return answer
    wrong = answer.faults
    if answer.code not in case.exits:
        wrong.append(f"exit code {answer.code}, expected {case.exits}")
    if not re.search(case.answer, answer.text, re.DOTALL):
        wrong.append(f"expected an answer like {case.answer!r}, received {answer.text[-500:]!r}")
    if "Traceback (most recent call last)" in answer.text or re.search(
        r"^\S+\.py:\d+: \w*Warning", answer.text, re.M
    ):
        wrong.append(f"raw text of a library: {answer.text[-500:]!r}")
    longest = max((len(line) for line in answer.text.splitlines()), default=0)
    if longest > case.longest:
        wrong.append(f"a line of {longest:,} characters, expected at most {case.longest}")
    if answer.seconds > case.seconds * answer.slowness:
        most = f"{case.seconds:g} times {answer.slowness:g} for this slow a moment"
        wrong.append(f"{answer.seconds} s of CPU, expected at most {most}")
    if answer.megabytes > case.megabytes:
        wrong.append(f"{answer.megabytes:,} MB above idle, expected at most {case.megabytes:,}")
    return answer
