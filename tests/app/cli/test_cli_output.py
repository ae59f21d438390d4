"""What the command line writes, wherever it goes: strangers' names, other encodings, outputs that end."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from app import __main__ as cmd
from app.cli import application as cli
from engine.data import catalogue
from engine.document.project import Project
from engine.messages.commands import Stop
from engine.runs.archive import annotate, runs_in
from nodes.reading.progress import tell


@pytest.fixture
def spiral(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = str(tmp_path / "s.loom")
    assert cmd.main(["new", "mlp-spiral", path]) == 0
    capsys.readouterr()
    return path


class _Ends(io.TextIOWrapper):
    """An output that takes one line and then refuses all."""

    def __init__(self, error: OSError, nowhere: BinaryIO) -> None:
        super().__init__(io.BytesIO(), "utf-8")
        self._error, self._nowhere, self._lines = error, nowhere, 0

    def fileno(self) -> int:
        return self._nowhere.fileno()

    def write(self, text: str) -> int:
        if self._lines:
            raise self._error
        self._lines += text.count("\n")
        return len(text)


@pytest.mark.parametrize("form", [["--json"], []])
@pytest.mark.parametrize(
    ("error", "said"),
    [(BrokenPipeError(32, "Broken pipe"), ""), (OSError(28, "No space left on device"), "No space left")],
)
def test_a_run_whose_output_ends_is_stopped_and_goes_on_later(
    spiral: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: list[str],
    error: OSError,
    said: str,
) -> None:
    with Path(os.devnull).open("wb") as nowhere, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", _Ends(error, nowhere))
        assert cmd.main(["train", spiral, "--steps", "100000", *form]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == bool(said)
    assert said in told
    (record,) = runs_in(Path(spiral).with_suffix(".runs"))
    assert (record.status, record.message, record.resumable) == ("stopped", "", True)


def test_a_full_output_is_one_sentence(
    spiral: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path(os.devnull).open("wb") as nowhere, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", _Ends(OSError(28, "No space left on device"), nowhere))
        assert cmd.main(["inspect", spiral]) == 1
    told = capsys.readouterr().err
    assert told == "layerloom: The output could not be written: No space left on device.\n"


def test_names_and_notes_are_shown_as_they_are_and_move_no_cursor(
    spiral: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "[/x] [red]:smile: \x1b]0;mine\x07\x1b[2J"
    assert cmd.main(["train", spiral, "--steps", "3"]) == 0
    (record,) = runs_in(Path(spiral).with_suffix(".runs"))
    annotate(record.folder, name=name, note=name, tags=(name,))
    capsys.readouterr()
    for line in (["runs"], ["follow"]):
        assert cmd.main([line[0], spiral]) == 0
        told = capsys.readouterr().out
        assert "[/x] [red]:smile:" in told
        assert not {"\x1b", "\x07"} & set(told)
    assert cmd.main(["compare", spiral, "\x1b[2Jnone", "none"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_an_output_that_cannot_show_a_name_shows_what_it_can(
    spiral: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cmd.main(["train", spiral, "--steps", "3", "--name", "ü → 網"]) == 0
    for arguments in (["runs", spiral], ["follow", spiral], ["runs", spiral, "--json"]):
        narrow = io.TextIOWrapper(io.BytesIO(), "cp1252")
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", narrow)
            assert cmd.main(arguments) == 0
        narrow.flush()
        written = narrow.buffer.getvalue()
    assert json.loads(written)[0]["name"] == "ü → 網"


def test_an_interrupt_at_the_start_ends_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    assert cmd.main(["templates"]) == 130


def test_a_run_in_the_background_of_a_script_is_interrupted_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.cli.progress import _stopped_by_interrupt
    from engine.run.run import Run

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stopped: list[bool] = []
        monkeypatch.setattr(Run, "send", lambda _, command: stopped.append(isinstance(command, Stop)))
        with _stopped_by_interrupt(Run(Project())):
            signal.raise_signal(signal.SIGINT)
        assert stopped == [True]
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows ends no terminals")
def test_a_terminal_that_closes_stops_the_run_unless_it_is_to_outlive_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from app.cli.progress import _stopped_by_interrupt
    from engine.run.run import Run

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        stopped: list[bool] = []
        monkeypatch.setattr(Run, "send", lambda _, command: stopped.append(isinstance(command, Stop)))
        with _stopped_by_interrupt(Run(Project())):
            signal.raise_signal(signal.SIGHUP)
        assert stopped == [True]
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with _stopped_by_interrupt(Run(Project())):
            signal.raise_signal(signal.SIGHUP)
        assert stopped == [True]
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_reading_is_told_by_its_stages_not_by_its_rows(
    spiral: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = catalogue.load

    def slowly(*args: Any, **more: Any) -> Any:
        for _ in range(700):
            tell("Reading points")
        for done in range(701):
            tell("Learning points", done / 700)
        return load(*args, **more)

    monkeypatch.setattr(catalogue, "load", slowly)
    assert cmd.main(["train", spiral, "--steps", "2", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [event["what"] for event in events if event["event"] == "reading"]
    assert 1 <= told.count("Reading points") <= 2  # twice where the set is loaded twice
    assert 2 <= told.count("Learning points") <= 12
