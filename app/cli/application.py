"""The command line: make, inspect and train projects without a window.

Every error that a user can cause (`UserError`) ends here as one sentence on stderr and an exit code: 1 where
a run failed, 2 where the input was bad. torch is loaded by the commands that need it, when they need it.
"""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.document.project import Project
from nodes.param import Int, Param
from nodes.shown_text import LINE, shown_lines
from nodes.user_error import UserError

app = typer.Typer(
    name="layerloom",
    help="Draw neural networks, train them on real data and watch them learn. Without a command: the window.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A project, NAME.loom.")]


class BadInputError(UserError):
    """Something that was asked for cannot be done. The message is the sentence for stderr."""


def in_range(param: Param[Any], text: str) -> Any:
    """The option of a whole number that a setting or a layer declares: what it may be is told there."""
    assert isinstance(param, Int)
    return typer.Option(min=param.min, max=param.max, help=text)


_USAGE_ERROR: type[Exception] = next(
    base
    for base in typer.BadParameter.__mro__
    if base.__name__ == "ClickException" and issubclass(base, Exception)
)
"""What the parser raises for a wrong command line; typer does not name it in public."""


def main(arguments: list[str]) -> int:
    """Run one command line; the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")  # not every output can show every name
    try:
        code = typer.main.get_command(app).main(
            arguments, prog_name="layerloom", standalone_mode=False, obj=tuple(arguments)
        )
    except UserError as error:
        return refuse(str(error))
    except typer.Abort:
        return refuse("interrupted", 1)
    except BrokenPipeError:  # the reader of our output has gone: nobody is left to tell
        sys.stderr.close()
        return 1
    except OSError as error:
        return refuse(f"The output could not be written: {error.strerror or error}.", 1)
    except _USAGE_ERROR as error:
        message = getattr(error, "format_message", error.__str__)()
        return refuse(f"{message.rstrip('.')}. See layerloom --help.")
    return code if isinstance(code, int) else 0


def refuse(message: str, code: int = 2) -> int:
    """Tell it on one line, or on one for each problem where they are many."""
    told = f"layerloom: {' '.join(message.split())}"
    if len(told) > LINE:
        told = "\n  ".join(" ".join(line.split()) for line in f"layerloom: {message}".splitlines())
    say(shown_lines(told), err=True)
    return code


def say(text: str, *, err: bool = False) -> None:
    """Write a line, or several. Names and notes may be a stranger's: none of them moves the cursor."""
    typer.echo(plain(text), err=err)


def plain(text: str) -> str:
    """The same without control characters, but for ends of lines and tabs."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def tell_broken_plug_ins() -> None:
    """A line on stderr for each plug-in of layers or of the engine that cannot be used."""
    from engine import plug_ins

    for broken in plug_ins.broken():
        say(f"layerloom: {broken.sentence}", err=True)


def new_file(out: Path, *, force: bool) -> Path:
    """Where a new project is written: .loom is added where missing. Raises `BadInputError` where one is there
    that is not to be replaced.
    """
    from engine.document.storage.file import SUFFIX

    target = out if out.suffix == SUFFIX else out.with_name(out.name + SUFFIX)
    if target.exists() and not force:
        raise BadInputError(
            f"{target}: Expected a new file. Received one that exists; use --force to replace it."
        )
    return target


def load(file: Path) -> Project:
    """The project in a file, its data paths made whole; tells of plug-ins that cannot be used.

    Raises `ProjectFileError`.
    """
    from engine.document.storage import file as stored
    from engine.document.storage.data_paths import anchored

    tell_broken_plug_ins()
    return anchored(stored.load(file), file.absolute().parent)
