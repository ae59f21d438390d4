"""A run as one HTML page that opens without a network: drawing, settings, curves, pictures through time.

The page loads nothing, and names files without the folders that they lie in.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import jinja2
from markupsafe import Markup

from app.run_report.curve_pictures import curve_pictures
from app.run_report.films import Film, Shown, shown_of
from app.run_report.pictures import LaidOut, drawing_svg, main_nodes
from app.run_report.run_contents import RunContents, read_contents, settings_of, without_paths
from app.style import theme
from app.style.theme import Theme
from engine.system import version
from engine.system.atomic_write import write_atomically
from nodes.registry import REGISTRY

LARGEST = 8 << 20
"""Bytes of a page."""


def write_report(folder: Path, out: Path, look: Theme) -> int:
    """Write the page of the run in this folder; its size in bytes.

    Call it in the thread of the window. Raises `ArchiveError` where the run cannot be read, and `OSError`
    where the page cannot be written.
    """
    run = read_contents(folder)
    before = theme.current()
    theme.use(look)
    try:
        drawing = LaidOut(run.project, run.report)
        try:
            shown = shown_of(run, drawing.lenses())
            drawing.show(shown.last)
            text = page(run, shown, drawing_svg(drawing)).encode("utf-8")
        finally:
            drawing.close()
    finally:
        theme.use(before)
    write_atomically(out, text)
    return len(text)


def page(run: RunContents, shown: Shown, drawing: str) -> str:
    """The text of the page; `drawing` is SVG."""
    template = resources.files("resources").joinpath("report", "run.html").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(
        name=run.project.name or "Untitled",
        run=run.record.name,
        settings=settings_of(run.project, run.record),
        metrics=[(name, f"{value:.4g}") for name, value in sorted(run.record.metrics.items())],
        layers=_layers(run),
        drawing=Markup(drawing),
        charts=[(one.title, Markup(one.svg), one.legend) for one in curve_pictures(run.curves)],
        films=[_film(place, film) for place, film in enumerate(shown.films)],
        samples=[_film(place, film) for place, film in enumerate(shown.samples)],
        left_out=[without_paths(sentence) for sentence in shown.left_out],
        messages=[(step, without_paths(text)) for step, text in run.curves.messages[:200]],
        unshown_messages=max(0, len(run.curves.messages) - 200),
        version=version.version(),
        theme=theme.current(),
    )


def _film(place: int, film: Film) -> dict[str, object]:
    return {
        "id": place,
        "title": film.title,
        "node": film.node,
        "help": film.help,
        "pictures": [{"step": step, "uri": uri, "note": note} for step, uri, note in film.pictures],
    }


def _layers(run: RunContents) -> list[tuple[str, str, str, str]]:
    """Name, layer, output shape and parameters of each node of the main drawing."""
    rows = []
    for key in main_nodes(run.project):
        node = run.project.main.nodes[key]
        report = run.report.nodes.get(key)
        title = REGISTRY[node.layer].title if node.layer in REGISTRY else node.layer
        shape = ", ".join(str(spec) for spec in report.outputs.values()) if report is not None else ""
        count = f"{report.parameters:,}" if report is not None and report.parameters else ""
        rows.append((key, title, shape, count))
    return rows
