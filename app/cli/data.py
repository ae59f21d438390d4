"""The command about data: what was understood of a file or folder, before anything is trained on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.application import BadInputError, Json, app, new_file, say
from nodes.reading.look import DataLook, DataMatch
from nodes.shown_text import quoted

if TYPE_CHECKING:
    from nodes.data.source import DataSource


Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write a project with a first network for the data."),
]


@app.command()
def data(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or folder of data.")],
    dataset: Annotated[
        str, typer.Option("--as", metavar="SET", help="Read it as this data set, not as the surest.")
    ] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the data set; may be repeated."),
    ] = None,
    roles: Annotated[
        list[str] | None,
        typer.Option("--role", metavar="PART=ROLE", help="What a column or array is for; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed by which samples are held back.")] = 0,
    out: Out = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
) -> int:
    """Print what was understood of data: how they are read and why, columns, classes, doubts."""
    from app.cli.data_words import lines_of
    from engine.data import catalogue

    target = None if out is None else new_file(out, force=force)
    matches = _matches(path)
    found = _chosen(path, matches, dataset)
    source = _source(found, settings or [], roles or [])
    look = catalogue.look(source, seed=seed)
    if target is not None:
        _write(source, look, target, seed)
    if as_json:
        typer.echo(json.dumps({"dataset": found.dataset, **_facts(look)}, indent=2))
        return 0
    others = [one for one in matches if one.dataset != found.dataset]
    for line in lines_of(path, found, others, look):
        say(line)
    if target is not None:
        say(f"{target}: a first network for these data; train it with `layerloom train {target}`.")
    return 0


def _write(source: DataSource, look: DataLook, target: Path, seed: int) -> None:
    """Write a project that trains on the data. Raises `DataError` where no first network fits them."""
    from engine.data.fingerprint import fingerprint
    from engine.data.first_drawing import first_drawing
    from engine.document.edits.decoration import set_settings
    from engine.document.storage.data_paths import anchored, portable
    from engine.document.storage.file import save
    from nodes.data.source import DataSource

    noted = DataSource(**{**source.changed(), "fingerprint": fingerprint(source)})
    project = anchored(set_settings(first_drawing(noted, look.info), seed=seed), Path())
    save(portable(project, target.parent), target)


def _source(found: DataMatch, settings: list[str], roles: list[str]) -> DataSource:
    """The data node with the parameters and roles of the command line. Raises `BadInputError`."""
    from engine.data import catalogue
    from nodes.data.source import DataSource

    params = {"dataset": found.dataset, **found.recognised.values}
    for setting in settings:
        name, value = _pair(setting, "--set", "NAME=VALUE")
        params[name] = _value(name, value)
    source = DataSource(**params)
    for role in roles:
        part, wanted = _pair(role, "--role", "PART=ROLE")
        params |= catalogue.declared(source).values_for_role(part, wanted)
        source = DataSource(**params)
    return source


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    name, sign, value = text.partition("=") if option == "--set" else text.rpartition("=")
    if not sign or not name:
        raise BadInputError(f"{option}: Expected {form}. Received {quoted(text)}.")
    return name, value


def _value(name: str, text: str) -> Any:
    """The value as its parameter takes it: a word, or a number or list as JSON writes them."""
    from nodes.data.source import DataSource
    from nodes.param import Text

    if isinstance(DataSource.params.get(name), Text):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _matches(path: Path) -> tuple[DataMatch, ...]:
    """Who can read the path, the surest first. Raises `BadInputError`."""
    from engine.data import catalogue

    if not path.exists():
        raise BadInputError(f"{path}: Expected a file or folder of data. Received none of that name.")
    return catalogue.recognised(path)


def _chosen(path: Path, found: tuple[DataMatch, ...], wanted: str) -> DataMatch:
    """The data set that reads the path: the wanted one, or the surest."""
    for one in found:
        if wanted in ("", one.dataset):
            return one
    known = ", ".join(one.dataset for one in found)
    received = wanted or "a kind that no data set knows"
    raise BadInputError(
        f"{path}: Expected a file or folder that a data set can read{f' ({known})' if known else ''}. "
        f"Received {received}."
    )


def _facts(look: DataLook) -> dict[str, Any]:
    """What `--json` writes."""
    return {
        "kind": look.info.kind,
        "training": look.training,
        "validation": look.validation,
        "division": look.division,
        "scaling": look.scaling,
        "classes": list(look.info.classes),
        "labels": list(look.info.labels),
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
