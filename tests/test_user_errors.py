"""Errors that a user can cause have one base, and whoever tells errors tells them by their sentence."""

from __future__ import annotations

import ast
import errno
import importlib
import inspect
from collections.abc import Iterator

import pytest
import torch

from app.cli import projects  # noqa: F401 - importing it adds its commands
from app.cli.application import BadInputError, main
from engine.document.storage import gallery
from engine.run.failure import sentence
from nodes.shown_text import LINE
from nodes.user_error import UserError
from tests.test_house import modules

SIGNALS = {
    "CaptureRefusedError": "a step cannot be a CUDA graph, which the run tells in a sentence of its own",
    "CalledOffError": "a listener stops a loader, which the caller expects",
    "BrokenPipeMessageError": "what came between two of our processes is no message; the reader then ends",
    "NotRegularFileError": "an OSError that every reader of files turns into an error of its own",
    "_EndedError": "one of several processes has told its end and leaves the group",
}
"""Exceptions that are caught where they are meant to be and never told."""


def own_exceptions() -> Iterator[type[BaseException]]:
    """Every exception class that the product defines."""
    for name, path in modules().items():
        if not any(isinstance(node, ast.ClassDef) for node in ast.walk(ast.parse(path.read_text("utf-8")))):
            continue
        module = importlib.import_module(name)
        for found in vars(module).values():
            if inspect.isclass(found) and issubclass(found, BaseException) and found.__module__ == name:
                yield found


def test_every_exception_that_can_reach_a_user_has_the_base() -> None:
    found = {error.__name__: error for error in own_exceptions()}
    assert len(found) > 25
    assert {name for name, error in found.items() if not issubclass(error, UserError)} == SIGNALS.keys()


def test_errors_of_python_and_torch_are_none() -> None:
    others = (ValueError, RuntimeError, KeyError, OSError, torch.OutOfMemoryError)
    assert not any(issubclass(error, UserError) for error in others)


class WovenError(UserError, RuntimeError):
    """As a plug-in would raise it."""


def test_a_run_tells_a_users_error_by_its_sentence() -> None:
    words = "Expected a straight thread. Received a knot."
    assert sentence(WovenError(words), None, 4, goes_on=False) == words
    assert sentence(RuntimeError(words), None, 4, goes_on=False) == f"Step 4 failed: {words}"


def test_the_sentence_of_a_failed_run_has_a_bounded_length_and_shows_what_would_move_others() -> None:
    told = sentence(RuntimeError("sizes \u202e " + "3, " * 5000), None, 1, goes_on=False)
    assert len(told) <= LINE
    assert "\\u202e" in told


def test_files_that_may_not_be_written_are_told_with_what_to_do() -> None:
    error = PermissionError(errno.EACCES, "Permission denied", "/others/p.runs/run.lock")
    told = sentence(error, None, 3, goes_on=False)
    assert told.startswith("Let it be written, or train a copy of the project")
    assert told.endswith("Permission denied: /others/p.runs/run.lock.")


@pytest.mark.parametrize("raised", [WovenError, BadInputError])
def test_the_command_line_tells_a_users_error_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: type[UserError]
) -> None:
    def templates() -> None:
        raise raised("Expected a straight thread.\nReceived a knot.")

    monkeypatch.setattr(gallery, "templates", templates)
    assert main(["templates"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "layerloom: Expected a straight thread. Received a knot.\n"


def test_the_command_line_does_not_hide_a_mistake_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def templates() -> None:
        raise LookupError("a slip")

    monkeypatch.setattr(gallery, "templates", templates)
    with pytest.raises(LookupError, match="a slip"):
        main(["templates"])
