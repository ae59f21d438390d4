"""The command about data: what was understood of a file or folder, before anything is trained on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.application import BadInputError, Json, app, say
from nodes.reading.look import DataLook, DataMatch
from nodes.shown_text import LINES, more_of, shown, shown_lines


@app.command()
def data(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder of data.")],
    dataset: Annotated[
        str, typer.Option("--as", metavar="SET", help="Read it as this data set, not as the surest.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Seed by which samples are held back.")] = 0,
    as_json: Json = False,
) -> int:
    """Print what was understood of data: how they are read and why, columns, classes, doubts."""
    from engine.data import catalogue
    from nodes.data.source import DataSource

    found = _chosen(path, dataset)
    source = DataSource(dataset=found.dataset, **found.recognised.values)
    look = catalogue.look(source, seed=seed)
    if as_json:
        typer.echo(json.dumps({"dataset": found.dataset, **_facts(look)}, indent=2))
        return 0
    _print(path, found, look)
    return 0


def _chosen(path: Path, wanted: str) -> DataMatch:
    """The data set that reads the path: the wanted one, or the surest."""
    from engine.data import catalogue

    if not path.exists():
        raise BadInputError(f"{path}: Expected a file or folder of data. Received none of that name.")
    found = catalogue.recognised(path)
    for one in found:
        if wanted in ("", one.dataset):
            return one
    known = ", ".join(one.dataset for one in found)
    received = wanted or "a kind that no data set knows"
    raise BadInputError(
        f"{path}: Expected a file or folder that a data set can read{f' ({known})' if known else ''}. "
        f"Received {received}."
    )


def _print(path: Path, found: DataMatch, look: DataLook) -> None:
    say(f"{path}: {found.title}, as {found.recognised.why}")
    say(f"samples     {look.training:,} to train, {look.validation:,} to validate: {look.division}")
    say(f"scaling     {look.scaling}")
    for fact in look.facts:
        say(f"{fact.name.lower():11} {shown(fact.value)}{f', as {fact.why}' if fact.why else ''}")
    for part in look.parts[:LINES]:
        examples = ", ".join(part.examples[:3])
        say(shown_lines(f"{part.role:11} {part.name}: {part.kind}; {examples}"))
    if (more := len(look.parts) - LINES) > 0:
        say(more_of(more))
    for warning in look.warnings[:LINES]:
        say(shown_lines(f"warning     {warning}"))
    for doubt in look.doubts[:LINES]:
        say(shown_lines(f"doubt       {doubt.question} Taken: {doubt.answers[doubt.taken].title}."))


def _facts(look: DataLook) -> dict[str, Any]:
    """What `--json` writes."""
    return {
        "kind": look.info.kind,
        "training": look.training,
        "validation": look.validation,
        "division": look.division,
        "scaling": look.scaling,
        "classes": list(look.info.classes),
        "balance": [{"class": name, "samples": count} for name, count in look.balance],
        "facts": [{"name": fact.name, "value": fact.value, "why": fact.why} for fact in look.facts],
        "parts": [
            {
                "name": part.name,
                "kind": part.kind,
                "role": part.role,
                "why": part.why,
                "examples": list(part.examples),
                "missing": part.missing,
                "distinct": part.distinct,
                "low": part.low,
                "high": part.high,
                "common": [{"value": value, "count": count} for value, count in part.common],
            }
            for part in look.parts
        ],
        "warnings": list(look.warnings),
        "doubts": [
            {
                "question": doubt.question,
                "why": doubt.why,
                "where": doubt.where,
                "taken": doubt.answers[doubt.taken].title,
                "answers": [{"title": one.title, "set": dict(one.values)} for one in doubt.answers],
            }
            for doubt in look.doubts
        ],
    }
