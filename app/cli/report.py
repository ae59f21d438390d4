"""A report of a run on the command line: one HTML page that opens without a network."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from app.cli.application import BadInputError, File, Json, app, say, tell_broken_plug_ins
from app.cli.runs import record_named
from engine.system import imports
from nodes.user_error import UserError


@app.command()
def report(
    file: File,
    run: Annotated[str | None, typer.Option(help="A run by name or folder; by default the last one.")] = None,
    out: Annotated[Path | None, typer.Option(help="The page to write; by default NAME.html.")] = None,
    light: Annotated[bool, typer.Option("--light/--dark", help="The colours of the page.")] = True,
    as_json: Json = False,
) -> int:
    """Write a run as one HTML page: drawing, settings, curves, pictures through time, samples."""
    if out is not None and out.suffix.lower() not in (".html", ".htm"):
        raise BadInputError(f"--out: Expected a name that ends in .html. Received {out}.")
    folder = record_named(file, run).folder
    target = out if out is not None else file.with_suffix(".html")
    size = _written(folder, target, light=light)
    if as_json:
        typer.echo(json.dumps({"run": str(folder), "out": str(target), "bytes": size}))
    else:
        say(f"{folder.name}: written to {target}, {size / 2**20:.1f} MB")
    return 0


def _written(folder: Path, out: Path, *, light: bool) -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # it paints pictures and shows no window
    imports.load("engine.lens.preview")
    from app.run_report.page import write_report
    from app.shell.startup import make_application
    from app.style import theme

    tell_broken_plug_ins()
    application = make_application()
    try:
        return write_report(folder, out, theme.LIGHT if light else theme.DARK)
    except UserError as error:
        raise BadInputError(f"{folder.name}: {error}") from error
    except OSError as error:
        raise BadInputError(f"{out}: Expected a place to write to. Received: {error}.") from error
    finally:
        application.processEvents()
