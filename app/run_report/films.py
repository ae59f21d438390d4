"""Pictures through time: what each lens shows at the kept checkpoints of a run, and the samples it kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.lenses import sample_export
from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.lenses.sampled import DOTS, Sampled, bounds_of, read_samples
from app.run_report.pictures import lens_png, main_nodes, png_uri
from app.run_report.run_contents import MOST_MOMENTS, RunContents
from app.style import theme
from engine.infer.layer import MODULE_ERRORS
from engine.lens.lens import Cost, Lens
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.sample.history import SampleHistory
from nodes.registry import REGISTRY
from nodes.spec import Role
from nodes.user_error import UserError

MOST_BYTES = 6 << 20
"""Of all pictures of a page, as text."""
MOST_LENSES = 40


@dataclass(frozen=True)
class Film:
    """What is shown of one node: pictures with the step of each and what is noted beside it."""

    title: str
    node: str
    help: str
    pictures: tuple[tuple[int, str, str], ...]


@dataclass
class Shown:
    """The films of a page, the frames of the last moment, and sentences on what was left out."""

    films: list[Film] = field(default_factory=list)
    samples: list[Film] = field(default_factory=list)
    last: list[LensFrame] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    size: int = 0

    def has_room(self, pictures: Iterable[tuple[int, str, str]]) -> bool:
        """Whether these pictures still fit; they count from now on where they do."""
        more = sum(len(text) for _, text, _ in pictures)
        fits = self.size + more <= MOST_BYTES
        self.size += more if fits else 0
        return fits


def wanted(run: RunContents, in_nodes: Mapping[str, str]) -> list[tuple[str, Lens]]:
    """The lenses of a report: what nodes show on the canvas, and all that look at an output."""
    found: list[tuple[str, Lens]] = []
    nodes = run.project.main.nodes
    for key in main_nodes(run.project):
        declared = REGISTRY.get(nodes[key].layer)
        if declared is None:
            continue
        subject = Subject(None, run.report.nodes.get(key))
        fitting = [lens for lens in PAINTERS.fitting(declared, subject) if lens.cost < Cost.LOOP]
        if declared.role is Role.OUTPUT:
            found += [(key, lens) for lens in fitting]
        else:
            found += [(key, lens) for lens in fitting if lens.kind == in_nodes.get(key)]
    return found


def shown_of(run: RunContents, in_nodes: Mapping[str, str]) -> Shown:
    """The films of a run. What cannot be computed is named in `left_out`."""
    shown = Shown()
    asked = wanted(run, in_nodes)
    if len(asked) > MOST_LENSES:
        shown.left_out.append(f"{len(asked) - MOST_LENSES} of {len(asked)} lenses are left out.")
        asked = asked[:MOST_LENSES]
    moments = _looked(run, [LensRequest(lens.kind, key) for key, lens in asked], shown)
    if moments:
        shown.last = list(moments[max(moments)].values())
    for key, lens in asked:
        pictures = []
        for step, frames in sorted(moments.items()):
            frame = frames.get((lens.kind, key))
            drawn = lens_png(frame, run.project) if frame is not None else None
            if drawn is not None:
                pictures.append((step, *drawn))
        if all(picture[1:] == pictures[0][1:] for picture in pictures):
            pictures = pictures[-1:]  # what does not change, data for one, needs no slider
        if pictures and shown.has_room(pictures):
            shown.films.append(Film(lens.title, key, lens.help, tuple(pictures)))
        elif pictures:
            shown.left_out.append(f"{lens.title} of {key} is left out: the page would be too large.")
    _samples(run, in_nodes, shown)
    return shown


Moments = dict[int, dict[tuple[str, str], LensFrame]]


def _looked(run: RunContents, requests: list[LensRequest], shown: Shown) -> Moments:
    """The frames of these requests at each checkpoint, by step."""
    from engine.lens.preview import Preview

    found: Moments = {}
    for checkpoint in run.checkpoints:
        try:
            preview = Preview(run.project, checkpoint.path)
            try:
                frames = preview.look(requests)
            finally:
                preview.close()
        except (UserError, OSError, *MODULE_ERRORS) as error:
            shown.left_out.append(f"The pictures of step {checkpoint.step:,} are left out: {error}")
            continue
        found[checkpoint.step] = {(frame.lens, frame.target): frame for frame in frames}
    return found


def _samples(run: RunContents, in_nodes: Mapping[str, str], shown: Shown) -> None:
    """The samples that the run kept, at evenly chosen moments; the last ones are for their node too."""
    folder: Path = run.record.folder / "samples"
    history = SampleHistory(folder) if folder.is_dir() else None
    for path in history.paths() if history is not None else ():
        assert history is not None
        steps = history.steps(path)
        last = len(steps) - 1
        count = min(len(steps), 2 * MOST_MOMENTS)
        chosen = sorted({steps[round(place * last / max(1, count - 1))] for place in range(count)})
        moments: list[tuple[int, Sampled]] = []
        for step in chosen:
            try:
                arrays = dict(history.load(path, step))
                sampled = read_samples(arrays)
            except (OSError, KeyError, ValueError) as error:
                shown.left_out.append(f"Samples of {path} at step {step:,} are left out: {error}")
                continue
            if sampled is not None:
                moments.append((step, sampled))
                shown.last.append(LensFrame(step, in_nodes.get(path, ""), path, arrays))
        pictures = _pictures(moments)
        if pictures and shown.has_room(pictures):
            note = f"{len(chosen)} of {len(steps)} kept moments."
            shown.samples.append(Film("Samples", path, note, tuple(pictures)))
        elif pictures:
            shown.left_out.append(f"Samples of {path} are left out: the page would be too large.")


def _pictures(moments: list[tuple[int, Sampled]]) -> list[tuple[int, str, str]]:
    """Samples of several moments, points all in the place of the last ones."""
    last = moments[-1][1] if moments else None
    bounds = bounds_of(last) if last is not None and last.kind == DOTS else None
    style = sample_export.Style(scale=2, bounds=bounds, theme=theme.current())
    return [(step, png_uri(sample_export.picture(sampled, style)), "") for step, sampled in moments]
