"""The command that lists plug-ins."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from app.cli.application import Json, app, say

if TYPE_CHECKING:
    from engine.plug_ins import Listed


@app.command("plug-ins")
def list_plug_ins(as_json: Json = False) -> int:
    """List the plug-ins of installed packages, and what is wrong with those that cannot be used.

    The exit code is 1 where one cannot be used.
    """
    from engine.plug_ins import line, summary

    found = _installed()
    wrong = any(problem for _, problem in found)
    if as_json:
        entries = [{**one._asdict(), "problem": problem or None} for one, problem in found]
        typer.echo(json.dumps(entries, indent=2))
        return int(wrong)
    say(summary(found))
    for one in found:
        say(line(*one))
    return int(wrong)


def _installed() -> list[Listed]:
    """All of them; without those of the window where Qt cannot be loaded."""
    from engine import plug_ins as of_engine

    try:
        from app.commands import plug_ins
    except ImportError as error:
        say(f"layerloom: Plug-ins of the window are not listed: {error}.", err=True)
        return of_engine.listed(of_engine.GROUPS, of_engine.broken())
    return plug_ins.installed()
