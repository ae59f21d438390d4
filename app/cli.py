"""The command line: make, inspect and train projects without a window.

Every error that a user can cause ends here as one sentence on stderr and an exit code: 1 where a run failed,
2 where the input was bad. torch is loaded by the commands that need it, when they need it.
"""

from __future__ import annotations

import json
import re
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import product
from engine.document.project import Project

app = typer.Typer(
    name="layerloom",
    help="Draw neural networks, train them on real data and watch them learn. Without a command: the window.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A project, NAME.loom.")]


class BadInputError(Exception):
    """Something that was asked for cannot be done. The message is the sentence for stderr."""


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
    except BadInputError as error:
        return _refuse(str(error))
    except typer.Abort:
        return _refuse("interrupted", 1)
    except BrokenPipeError:  # the reader of our output has gone: nobody is left to tell
        sys.stderr.close()
        return 1
    except OSError as error:
        return _refuse(f"The output could not be written: {error.strerror or error}.", 1)
    except _USAGE_ERROR as error:
        message = getattr(error, "format_message", error.__str__)()
        return _refuse(f"{message.rstrip('.')}. See layerloom --help.")
    return code if isinstance(code, int) else 0


def _refuse(message: str, code: int = 2) -> int:
    say(f"layerloom: {' '.join(message.split())}", err=True)
    return code


def say(text: str, *, err: bool = False) -> None:
    """Write a line, or several. Names and notes may be a stranger's: none of them moves the cursor."""
    typer.echo(plain(text), err=err)


def plain(text: str) -> str:
    """The same without control characters, but for ends of lines and tabs."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"layerloom {product.version()}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> int:
    del show_version
    if context.invoked_subcommand is None:
        return _window(None)
    return 0


@app.command("open")
def open_(file: File) -> int:
    """Open a project in the window."""
    if not file.is_file():
        raise BadInputError(f"{file}: Expected a project file. Received no such file.")
    return _window(file)


@app.command()
def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="A name from `layerloom templates`.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write; .loom is added where missing.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> int:
    """Start a project from the gallery."""
    from engine import gallery
    from engine.document.file import SUFFIX, ProjectFileError, save

    target = out if out.suffix == SUFFIX else out.with_name(out.name + SUFFIX)
    try:
        project = gallery.make(template)
        if target.exists() and not force:
            raise BadInputError(
                f"{target}: Expected a new file. Received one that exists; use --force to replace it."
            )
        save(project, target)
    except (gallery.UnknownTemplateError, ProjectFileError) as error:
        raise BadInputError(str(error)) from error
    say(f"{target}: {project.name}; open it with `layerloom open {target}`.")
    return 0


@app.command()
def templates(as_json: Json = False) -> int:
    """List the projects of the gallery."""
    from engine import gallery

    found = gallery.templates()
    if as_json:
        names = ("name", "title", "data", "parameters")
        typer.echo(json.dumps([{name: getattr(entry, name) for name in names} for entry in found], indent=2))
        return 0
    width = max(len(entry.name) for entry in found)
    for entry in found:
        say(f"{entry.name:{width}}  {entry.title} · {entry.parameters:,} parameters")
    return 0


@app.command()
def inspect(file: File, as_json: Json = False) -> int:
    """Say what a project holds: parameters, operations, shapes, problems."""
    from engine.infer import infer

    project = load(file)
    report = infer(project)
    facts: dict[str, Any] = {
        "parameters": report.parameters,
        "flops": report.flops,
        "nodes": sum(len(graph.nodes) for graph in project.graphs.values()),
        "wires": sum(len(graph.wires) for graph in project.graphs.values()),
        "problems": [
            {
                "path": problem.path,
                "port": problem.port,
                "severity": problem.severity,
                "message": problem.message,
                "repairs": [repair.title for repair in problem.repairs],
            }
            for problem in report.problems
        ],
        "outputs": [
            {"name": name, "shape": [dim if isinstance(dim, int) else str(dim) for dim in spec.shape]}
            for name, spec in report.outputs.items()
        ],
    }
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return 0
    say(f"{project.name}: {facts['nodes']} nodes, {facts['wires']} wires")
    say(f"parameters  {report.parameters:,}")
    say(f"operations  {report.flops:,} per sample")
    for name, spec in report.outputs.items():
        say(f"output      {name}  {spec}")
    for problem in report.problems:
        say(f"{problem.severity}  {problem.path}: {problem.message}")
    return 0


def load(file: Path) -> Project:
    """The project in a file, its data paths made whole. Raises `BadInputError`."""
    from engine.document import file as stored
    from engine.document.data_paths import anchored

    try:
        return anchored(stored.load(file), file.absolute().parent)
    except stored.ProjectFileError as error:
        raise BadInputError(str(error)) from error


def _window(path: Path | None) -> int:
    from app.__main__ import open_window

    return open_window(path)


from app import cli_runs, cli_sample, cli_train  # noqa: E402, F401 - they add their commands to `app`
