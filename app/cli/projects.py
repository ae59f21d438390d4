"""Commands about projects: open the window, make one from the gallery, list the gallery, inspect one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.application import BadInputError, File, Json, app, load, new_file, say
from app.shell import display
from engine.document.project import Project
from engine.report import NodeReport, Report
from engine.system import imports, version
from nodes.shown_text import LINES, more_of, shown_lines
from nodes.spec import TensorSpec


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"layerloom {version.version()}")
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
        return display.open_window(None)
    return 0


@app.command("open")
def open_(file: File) -> int:
    """Open a project in the window."""
    if not file.is_file():
        raise BadInputError(f"{file}: Expected a project file. Received no such file.")
    return display.open_window(file)


@app.command()
def new(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="A name from `layerloom templates`.")],
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write; .loom is added where missing.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> int:
    """Start a project from the gallery."""
    from engine.document.storage import gallery
    from engine.document.storage.file import save

    project = gallery.make(template)
    target = new_file(out, force=force)
    save(project, target)
    say(f"{target}: {project.name}; open it with `layerloom open {target}`.")
    return 0


@app.command()
def templates(as_json: Json = False) -> int:
    """List the projects of the gallery."""
    from engine.document.storage import gallery

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
    """Print what a project holds: parameters, operations, shapes, problems.

    With --json `by_path` has parameters, operations and shapes of every node and block; those of a block are
    the sums of what is in it. Each problem lists its `fixes`. `repairs` is the same list under its earlier
    name, kept for scripts.
    """
    imports.load("engine.infer")
    from engine.infer import infer

    project = load(file)
    report = infer(project)
    facts = _facts(project, report)
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
        return 0
    say(f"{project.name}: {facts['nodes']} nodes, {facts['wires']} wires")
    say(f"parameters  {report.parameters:,}")
    say(f"operations  {report.flops:,} per sample")
    for name, spec in report.outputs.items():
        say(f"output      {name}  {spec}")
    for problem in report.problems[:LINES]:
        say(shown_lines(f"{problem.severity}  {problem.path}: {problem.message}"))
    if (more := report.problem_count - LINES) > 0:
        say(more_of(more))
    return 0


def _at(held: NodeReport) -> dict[str, Any]:
    """What `inspect --json` writes of one node; of a block: of all that is in it."""
    return {
        "parameters": held.parameters,
        "flops": held.flops,
        "outputs": {port: _shape(spec) for port, spec in held.outputs.items()},
    }


def _shape(spec: TensorSpec) -> list[int | str]:
    return [dim if isinstance(dim, int) else str(dim) for dim in spec.shape]


def _facts(project: Project, report: Report) -> dict[str, Any]:
    """What `inspect --json` writes."""
    return {
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
                "fixes": [fix.title for fix in problem.fixes],
                "repairs": [fix.title for fix in problem.fixes],
            }
            for problem in report.problems
        ],
        "unlisted_problems": report.unlisted_problems,
        "by_path": {path: _at(held) for path, held in sorted(report.nodes.items())},
        "outputs": [{"name": name, "shape": _shape(spec)} for name, spec in report.outputs.items()],
    }
