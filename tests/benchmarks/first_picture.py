"""The first picture of each lens of large layers: 1,024 channels, 4,096 units, 2,048 tokens, 10,000 points.

CPU milliseconds from the request to the painted view, `look` and `paint`, the median of some rounds, of the
slowest place of each lens. What is computed while a run rests is named apart. `yardstick` is a convolution
with 1,024 channels of 32 × 32 by torch alone, forward, in the same minute. Run by
`python -m tests.benchmarks first_picture`.
"""

from __future__ import annotations

import statistics
from time import process_time
from typing import Any

from app.lenses.registry import PAINTERS
from app.shell.startup import make_application
from app.training.run_words import lens_context
from engine.document.project import Project
from engine.lens.evaluate import look
from engine.lens.feeds import PATIENCE, Feeds
from engine.lens.lens import Cost
from engine.lens.preview import Preview
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from tests.benchmarks._machine import Elsewhere
from tests.gallery.large_drawings import LARGE, LOOKED_AT, POINTS
from tests.gallery.lens_battery import offered, painted_share, places

ROUNDS = 3
TARGET = 200.0
"""CPU milliseconds of a first picture at most."""
_OPTIONS = {"cloud": (("points", POINTS),)}


def run() -> dict[str, Any]:
    """Every figure, as JSON."""
    application, elsewhere = make_application(), Elsewhere()
    found: dict[str, Any] = {"yardstick": round(_convolution(), 1)}
    slow: dict[str, float] = {}
    for name, make in LARGE.items():
        found[name] = _of_drawing(make(), LOOKED_AT[name])
        slow |= {f"{name} {kind}": ms["sum"] for kind, ms in found[name].items() if ms["sum"] > TARGET}
        application.processEvents()
    at_rest = {each for each in slow if LENSES[each.split(" ")[1]].cost is Cost.LONG}
    found |= {"over_target": {each: ms for each, ms in slow.items() if each not in at_rest}}
    found |= {"at_rest": {each: slow[each] for each in at_rest}, "holds": slow.keys() <= at_rest}
    return found | {"cores_busy_elsewhere": elsewhere.cores()}


def _of_drawing(project: Project, paths: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """By lens: milliseconds of its slowest place."""
    preview, slowest = Preview(project), dict[str, dict[str, float]]()
    feeds = Feeds.of(preview.sources, 0)
    feeds.patience = PATIENCE  # as in a run that goes on
    for place in places(preview, project):
        for lens in offered(place) if place.path in paths else ():
            request = LensRequest(lens.kind, place.path, _OPTIONS.get(lens.kind, ()))
            rounds = [_once(preview, feeds, project, request) for _ in range(ROUNDS)]
            looks, paints = (statistics.median(column) for column in zip(*rounds, strict=True))
            total = round(looks + paints, 1)
            if total > slowest.get(lens.kind, {"sum": -1.0})["sum"]:
                slowest[lens.kind] = {"look": round(looks, 1), "paint": round(paints, 1), "sum": total}
    preview.close()
    return slowest


def _once(preview: Preview, feeds: Feeds, project: Project, request: LensRequest) -> tuple[float, float]:
    """CPU milliseconds of a look and of a view that is made, shown and painted."""
    begun = process_time()
    frames = look(preview.plan, feeds, [request], 0).frames
    looked = process_time()
    for frame in frames:
        painter = PAINTERS[frame.lens]
        view = painter.view()
        painter.show(view, frame.arrays, lens_context(project).of(frame))
        painted_share(view)
        view.deleteLater()
    return (looked - begun) * 1e3, (process_time() - looked) * 1e3


def _convolution() -> float:
    """CPU milliseconds of the yardstick, the median of some rounds."""
    import torch

    layer, picture, times = torch.nn.Conv2d(1, 1024, 3, padding=1), torch.randn(1, 1, 32, 32), []
    for _ in range(9):
        begun = process_time()
        with torch.no_grad():
            layer(picture)
        times.append((process_time() - begun) * 1e3)
    return statistics.median(times)
