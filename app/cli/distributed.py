"""Starts one run in several processes by torchrun, on this machine or as one of several.

Each process is the same command without the options that say how many; which of them speaks and writes is
the run's affair. Ends with one sentence where a process dies.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import engine
from app.cli.application import BadInputError

OPTIONS = ("--nproc-per-node", "--nnodes", "--rdzv-backend", "--rdzv-endpoint", "--rdzv-id")
"""Options of torchrun, which the processes it starts are not told."""


class Processes(NamedTuple):
    """The options of torchrun: how many processes on how many machines train together."""

    nproc_per_node: str = "1"
    nnodes: str = "1"
    rdzv_backend: str | None = None
    rdzv_endpoint: str | None = None
    rdzv_id: str | None = None

    @property
    def is_one(self) -> bool:
        return self.nproc_per_node == self.nnodes == "1"


def launch(arguments: Sequence[str], spread: Processes) -> int:
    """Run this command line in so many processes; the exit code."""
    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    if spread.nproc_per_node.lstrip("+-").isdecimal() and int(spread.nproc_per_node) < 1:
        raise BadInputError(
            f"--nproc-per-node: Expected at least one process. Received {spread.nproc_per_node}."
        )
    command = [sys.executable, "-P", "-m", "app", *without(arguments)]
    try:
        options = torchrun.get_args_parser().parse_args([*_options(spread), "--no-python", *command])
        with tempfile.TemporaryDirectory(prefix="layerloom-ranks-") as place:
            report = Path(place, "run")
            with _surroundings(report, spread):
                try:
                    torchrun.run(options)  # type: ignore[no-untyped-call]
                except ChildFailedError as error:
                    return _failed(report, {rank: one.exitcode for rank, one in error.failures.items()})
                except (SignalException, KeyboardInterrupt):
                    return _stopped(report)
    except (AssertionError, ValueError, OSError, RuntimeError) as error:
        first = str(error).strip().partition("\n")[0]
        raise BadInputError(f"the processes of the run could not be started: {first}") from error
    return 0


def without(arguments: Sequence[str]) -> list[str]:
    """These arguments without torchrun's options and their values."""
    kept, skips = [], False
    for argument in arguments:
        if skips:
            skips = False
        elif argument in OPTIONS:
            skips = True
        elif not argument.startswith(tuple(f"{option}=" for option in OPTIONS)):
            kept.append(argument)
    return kept


def _options(spread: Processes) -> list[str]:
    found = ["--nproc-per-node", spread.nproc_per_node, "--nnodes", spread.nnodes]
    rendezvous = zip(OPTIONS[2:], (spread.rdzv_backend, spread.rdzv_endpoint, spread.rdzv_id), strict=True)
    given = [text for option, value in rendezvous if value is not None for text in (option, value)]
    if not given and spread.nnodes == "1":
        given = ["--standalone", "--local-addr", "127.0.0.1"]
    return [*found, *given]


@contextmanager
def _surroundings(report: Path, spread: Processes) -> Iterator[None]:
    """What the processes find in their environment; torchrun's own remarks are left out."""
    from app.cli.progress import REPORT

    root = str(Path(next(iter(engine.__path__))).parent)
    found = {
        REPORT: str(report),
        "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]),
    }
    if spread.nproc_per_node.isdigit():
        cores = max((os.cpu_count() or 1) // int(spread.nproc_per_node), 1)
        found["OMP_NUM_THREADS"] = os.environ.get("OMP_NUM_THREADS", str(cores))
    if spread.nnodes == "1" and sys.platform == "linux":
        found["GLOO_SOCKET_IFNAME"] = os.environ.get("GLOO_SOCKET_IFNAME", "lo")
    before = {name: os.environ.get(name) for name in found}
    level = logging.root.manager.disable
    os.environ.update(found)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(level)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _failed(report: Path, codes: dict[int, int]) -> int:
    """One sentence, unless the process that failed has said its own."""
    killed = {rank: -code for rank, code in codes.items() if code < 0 and -code != signal.SIGTERM}
    if not killed:
        return 1
    rank, number = min(killed.items())
    name = str(number)
    with suppress(ValueError):
        name = signal.Signals(number).name
    told = f"layerloom: Process {rank} of the run was killed ({name}){_where(report)}"
    print(told, file=sys.stderr)  # noqa: T201 - the command's own output
    return 1


def _where(report: Path) -> str:
    """How far the run was, and what to do."""
    from engine.runs.record import record_of

    if not report.is_file():
        return "; its folder says how far it was."
    record = record_of(Path(report.read_text("utf-8")))
    advice = "resume goes on from its last checkpoint." if record.resumable else "no checkpoint was kept."
    return f" at step {record.step:,}; {advice}"


def _stopped(report: Path) -> int:
    """Whether the run ended well after it was told to stop."""
    from engine.runs.record import record_of

    if not report.is_file():
        return 1
    return 0 if record_of(Path(report.read_text("utf-8"))).status in ("stopped", "completed") else 1
