"""Samples on the command line: draws with the weights of a run; writes a picture, a film, a text or arrays.

The drawing is that of the run, the weights are its last ones (or their running means). Nothing is trained.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from app.cli.application import BadInputError, File, Json, app, in_range, say, tell_broken_plug_ins
from app.cli.runs import run_with_weights
from engine.system import imports
from nodes.shared.drawn_function import ON_THE_WAY
from nodes.training.sampler import Sampler
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.sample.samplers import Samplers

SUFFIXES = (".png", ".gif", ".txt", ".npy")


@app.command()
def sample(
    file: File,
    run: Annotated[str | None, typer.Option(help="A run by name or folder; by default the last one.")] = None,
    node: Annotated[str | None, typer.Option(help="The sampler, where there are several.")] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="Number of samples; by default the sampler's.")
    ] = None,
    seed: Annotated[int | None, in_range(Sampler.params["seed"], "Seed of the noise.")] = None,
    prompts: Annotated[
        str | None, typer.Option(help="Texts to draw or to answer, separated by semicolons.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output file: .png, .gif, .txt or .npy.")] = None,
    as_json: Json = False,
) -> int:
    """Draw samples with the weights of a run."""
    from engine.sample.export import ExportError

    if out is not None and out.suffix not in SUFFIXES:
        raise BadInputError(f"--out: Expected a name that ends in {', '.join(SUFFIXES)}. Received {out}.")
    folder = run_with_weights(file, run)
    path, arrays = _drawn(folder, node, {"count": count, "seed": seed, "prompts": prompts})
    if out is not None:
        try:
            data = _bytes(arrays, out.suffix, lambda: _Kept(folder, path, arrays))
        except ExportError as error:
            raise BadInputError(f"{out}: {error}") from error
        try:
            out.write_bytes(data)
        except OSError as error:
            raise BadInputError(f"{out}: Expected a place to write to. Received: {error}.") from error
    _tell(path, arrays, folder, out, as_json=as_json)
    return 0


def _drawn(
    folder: Path, node: str | None, given: Mapping[str, int | str | None]
) -> tuple[str, Mapping[str, NDArray[Any]]]:
    """The sampler and what it drew."""
    imports.load("engine.lens.preview")
    from engine.infer.layer import MODULE_ERRORS
    from engine.lens.preview import Preview
    from engine.runs.checkpoints import require_last
    from engine.runs.record import ArchiveError, project_of

    tell_broken_plug_ins()
    try:
        preview = Preview(project_of(folder), require_last(folder).path)
        try:
            samplers = preview.samplers
            path = _chosen(samplers, node)
            preview.require_filled(path)
            if preview.loaded is not None and (preview.loaded.missing or preview.loaded.refused):
                say(f"layerloom: {preview.loaded.sentence}", err=True)
            changes = {name: value for name, value in given.items() if value is not None}
            params = samplers.layers[path].params
            if "prompts" in changes and "prompts" not in params and "prompt" in params:
                changes["prompt"] = changes.pop("prompts")  # it goes on from one text
            unknown = [name for name in changes if name not in params]
            if unknown:
                title = samplers.layers[path].title
                raise BadInputError(f"--{unknown[0]}: Expected a sampler that takes it. Received {title}.")
            found = samplers.start(path, changes).finish() or {}
            return path, {name: one for name, one in found.items() if not name.startswith(ON_THE_WAY)}
        finally:
            preview.close()
    except (ArchiveError, BadInputError):  # they say where
        raise
    except (UserError, *MODULE_ERRORS) as error:
        raise BadInputError(f"{folder.name}: {error}") from error


def _chosen(samplers: Samplers, node: str | None) -> str:
    if not samplers.layers:
        raise BadInputError("Expected a drawing with a sampler. Received one without; draw one and train it.")
    known = ", ".join(samplers.layers)
    if node is None and len(samplers.layers) == 1:
        return next(iter(samplers.layers))
    if node is None:
        raise BadInputError(f"--node: Expected one of the samplers ({known}). Received nothing.")
    if node not in samplers.layers:
        raise BadInputError(f"--node: Expected one of the samplers ({known}). Received {node!r}.")
    return node


class _Kept(Sequence[Mapping[str, NDArray[Any]]]):
    """The sets that a run has kept of a sampler, each read when it is asked for, and the newest one."""

    def __init__(self, folder: Path, path: str, newest: Mapping[str, NDArray[Any]]) -> None:
        from engine.sample.history import SampleHistory

        self._history, self._path, self._newest = SampleHistory(folder / "samples"), path, newest
        self._steps = self._history.steps(path)

    def __len__(self) -> int:
        return len(self._steps) + 1

    def __getitem__(self, place: Any) -> Any:
        if place == len(self._steps):
            return self._newest
        return self._history.load(self._path, self._steps[place])


def _bytes(
    arrays: Mapping[str, NDArray[Any]], suffix: str, kept: Callable[[], Sequence[Mapping[str, NDArray[Any]]]]
) -> bytes:
    """A film shows the way to the samples, or the run's kept sets where they come at once."""
    from engine.sample import export

    if suffix == ".png":
        return export.png(arrays)
    if suffix == ".gif":
        return export.gif(export.stages(arrays) if "trail" in arrays else kept())
    if suffix == ".txt":
        return export.text(arrays).encode()
    if "samples" not in arrays:
        raise export.ExportError("Expected pictures or points. Received texts; write a .txt file.")
    buffer = io.BytesIO()
    np.save(buffer, arrays["samples"], allow_pickle=False)
    return buffer.getvalue()


def _tell(
    path: str, arrays: Mapping[str, NDArray[Any]], folder: Path, out: Path | None, *, as_json: bool
) -> None:
    texts = [str(text) for text in arrays["text"]] if "text" in arrays else []
    if as_json:
        facts: dict[str, Any] = {"node": path, "run": str(folder), "out": None if out is None else str(out)}
        facts["arrays"] = {name: list(array.shape) for name, array in arrays.items()}
        facts |= {"text": texts} if texts else {}
        typer.echo(json.dumps(facts, indent=2))
    elif texts and out is None:
        say("\n\n".join(texts))
    else:
        shape = "×".join(map(str, (arrays["text"] if texts else arrays["samples"]).shape))
        say(f"{path}: {shape}" + (f", written to {out}" if out is not None else ""))
