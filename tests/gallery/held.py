"""Projects of the gallery and what inference says of them, each made once for all tests of a process."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.infer import infer
from engine.report import Report

NAMES = tuple(template.name for template in gallery.templates())
FULL_SIZE = tuple(template.name for template in gallery.templates() if template.full_size)
"""Networks as they were published: a step of one takes seconds, so that tests only count and infer them."""


@functools.cache
def project(name: str) -> Project:
    return gallery.make(name)


@functools.cache
def report(name: str) -> Report:
    return infer(project(name))


def objectives(name: str) -> list[str]:
    return [node.id for node in project(name).main.nodes.values() if node.layer == "objective"]


def placements(drawing: Project, graph: str = MAIN, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every graph with the prefix of the paths inside of it; of a repeated block, of its first copies."""
    yield graph, prefix
    for key, node in drawing.graphs[graph].nodes.items():
        definition = node.params.get("definition")
        if isinstance(definition, str):
            for copy in ("", "0.", "1."):
                yield from placements(drawing, definition, f"{prefix}{key}.{copy}")
