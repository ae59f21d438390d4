"""Every lens at every place where it offers itself: it is computed, painted, and its picture is not blank
(but where all values are 0).

One battery for all lenses that are registered, those of plug-ins too. `faults` tries a project and returns a
sentence for whatever is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.style import theme
from app.training.run_words import lens_context
from engine.document.project import Project
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Lens, Reads
from engine.lens.preview import Preview
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest, Options
from engine.report import NodeReport
from nodes.registry import REGISTRY
from nodes.spec import Layer

WIDTH = 300
LEAST_PAINTED = 0.001
"""Share of the pixels of a view that have another colour than its ground."""
MOST_BYTES = 1 << 19
"""Of the arrays of one frame."""


@dataclass(frozen=True)
class Place:
    """A node that can be looked at."""

    path: str
    declared: type[Layer]
    layer: Layer | None
    report: NodeReport | None


@dataclass
class Tried:
    """What was tried, and what was wrong with it."""

    pictures: int = 0
    faults: list[str] | None = None
    slowest: dict[str, float] | None = None
    """Seconds of the slowest look by kind."""
    told: dict[tuple[str, str], str] | None = None
    """What notes and pictures say by kind and path, where somebody asks."""


def places(preview: Preview, project: Project) -> Iterator[Place]:
    """Every node of the drawing with its blocks written out, and every placement of the main graph."""
    report = infer(project)
    for path, node in preview.plan.nodes.items():
        yield Place(path, REGISTRY.get(node.layer.type, type(node.layer)), node.layer, report.nodes.get(path))
    for key, drawn in project.main.nodes.items():
        if key not in preview.plan.nodes and drawn.layer in REGISTRY and not drawn.bypassed:
            yield Place(key, REGISTRY[drawn.layer], None, report.nodes.get(key))


def offered(place: Place) -> list[Lens]:
    """The lenses that offer themselves there, without those of samplers, which have to draw."""
    fitting = PAINTERS.fitting(place.declared, Subject(place.layer, place.report))
    return [lens for lens in fitting if Reads.SAMPLER not in lens.reads]


def try_project(
    project: Project,
    *,
    alike: int = 1000,
    options: Mapping[str, Options] | None = None,
    words: bool = False,
    patience: float | None = None,
    paths: Collection[str] = (),
) -> Tried:
    """Each lens at every place, at most at so many places of one layer; `options` by the kind of the lens.

    `words`: what views say is noted; `patience`: another one of the feeds; `paths`: no other places.
    """
    tried = Tried(0, [], {}, {} if words else None)
    preview = Preview(project)
    seen: dict[tuple[str, str], int] = {}
    try:
        feeds = Feeds.of(preview.sources, 0)
        feeds.patience = feeds.patience if patience is None else patience
        for place in places(preview, project):
            for lens in offered(place) if place.path in paths or not paths else ():
                key = lens.kind, place.declared.type
                seen[key] = seen.get(key, 0) + 1
                if seen[key] <= alike:
                    request = LensRequest(lens.kind, place.path, (options or {}).get(lens.kind, ()))
                    _try(preview, feeds, project, place, request, tried)
        for path in preview.samplers.layers:
            for frame in preview.draw(path, 0):
                _paint(project, frame, Subject(None, None), tried)
    finally:
        preview.close()
    return tried


def _try(
    preview: Preview, feeds: Feeds, project: Project, place: Place, request: LensRequest, tried: Tried
) -> None:
    assert tried.faults is not None
    assert tried.slowest is not None
    kind = request.kind
    where = f"{kind} of {place.path} ({place.declared.type})"
    start = perf_counter()
    try:
        looked = look(preview.plan, feeds, [request], 0)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        tried.faults.append(f"{where}: raises {type(error).__name__}: {error}")
        return
    tried.slowest[kind] = max(tried.slowest.get(kind, 0.0), perf_counter() - start)
    tried.faults += [f"{where}: {type(f.error).__name__}: {f.error}" for f in looked.failed]
    if not looked.frames and not looked.failed:
        tried.faults.append(f"{where}: offers itself and shows nothing")
    for frame in looked.frames:
        _paint(project, frame, Subject(place.layer, place.report), tried)


def _paint(project: Project, frame: LensFrame, subject: Subject, tried: Tried) -> None:
    assert tried.faults is not None
    where = f"{frame.lens} of {frame.target}"
    size = sum(array.nbytes for array in frame.arrays.values())
    if size > MOST_BYTES:
        tried.faults.append(f"{where}: sends {size:,} bytes")
    painter, context = PAINTERS[frame.lens], lens_context(project)
    try:
        view = painter.view()
        shows = painter.show(view, frame.arrays, context)
        painted = painted_share(view) if shows else 0.0
        note = painter.note(view, "sample 0", context)
        if tried.told is not None:
            tried.told[frame.lens, frame.target] = f"{note} | {painted_words(view)}"
        room = painter.room(subject)
        sheet = painter.thumbnail(frame.arrays, room, context, theme.current()) if room is not None else None
        view.deleteLater()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault
        tried.faults.append(f"{where}: painting raises {type(error).__name__}: {error}")
        return
    tried.pictures += 1
    if not shows:
        tried.faults.append(f"{where}: its painter shows nothing of {sorted(frame.arrays)}")
    elif painted < LEAST_PAINTED and any(np.any(array) for array in frame.arrays.values()):
        tried.faults.append(f"{where}: its picture is blank")
    if room is not None and sheet is None and shows:
        tried.faults.append(f"{where}: has room in a node and no picture for it")


def painted_words(view: QWidget) -> str:
    """The words that a view paints, in the size that it has."""
    file = QBuffer()
    file.open(QIODevice.OpenModeFlag.WriteOnly)
    sheet = QSvgGenerator()
    sheet.setOutputDevice(file)
    sheet.setSize(view.size())
    painter = QPainter(sheet)
    view.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    found = re.findall(r"<text[^>]*>([^<]*)</text>", bytes(file.data().data()).decode("utf-8"))
    return " | ".join(word.strip() for word in found)


def painted_share(view: QWidget) -> float:
    """The share of pixels of a view that differ from its ground."""
    view.resize(WIDTH, max(view.sizeHint().height(), view.minimumHeight(), 120))
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    ground = theme.colour(theme.current().panel)
    image.fill(ground)
    painter = QPainter(image)
    view.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)
    return float((pixels != np.uint32(ground.rgb())).mean())
