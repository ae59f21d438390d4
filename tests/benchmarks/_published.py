"""Networks as they were published, drawn in the gallery: opened from cold, and edited inside a block."""

from __future__ import annotations

import gc
import random
import statistics
import time
from typing import Any

from engine.document import edits
from engine.document.edits import EditError
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.infer import infer
from engine.infer.layer import CACHE
from nodes.param import Bool
from nodes.registry import REGISTRY
from tests.benchmarks._yardsticks import fake_forward

COLD_ROUNDS, EDIT_ROUNDS = 3, 24
BOUND_COLD_MS, BOUND_EDIT_MS = 300.0, 10.0
"""Of the slowest network: from cold, and the median after an edit inside a block."""


def published() -> dict[str, Any]:
    """Milliseconds of each network, the slowest of all, and the same as ratios to a fake forward pass."""
    names = [entry.name for entry in gallery.templates() if entry.full_size]
    fake_forward()
    yardstick = statistics.median(fake_forward() for _ in range(20))
    each = {name: _figures(gallery.make(name)) for name in names}
    cold, edit = (max((found[key] for found in each.values()), default=0.0) for key in ("cold_ms", "edit_ms"))
    return {
        "each": each,
        "slowest_cold_ms": cold,
        "slowest_edit_ms": edit,
        "ratio_cold": round(cold / yardstick, 1),
        "ratio_edit": round(edit / yardstick, 1),
        "bound_cold_ms": BOUND_COLD_MS,
        "bound_edit_ms": BOUND_EDIT_MS,
        "holds": cold <= BOUND_COLD_MS and edit <= BOUND_EDIT_MS,
    }


def _figures(project: Project) -> dict[str, float]:
    cold = []
    for _ in range(COLD_ROUNDS):
        CACHE.clear()
        gc.collect()
        start = time.thread_time()
        report = infer(project)
        cold.append((time.thread_time() - start) * 1000)
    places, chance = _switches(project), random.Random(0)
    edited, first = [], []
    for turn in range(EDIT_ROUNDS if places else 0):
        graph, node, name = chance.choice(places)
        value = not _stands(project, graph, node, name)
        try:
            changed = edits.set_param(project, graph, node, name, value)
        except EditError:
            continue
        known = len(CACHE)
        start = time.thread_time()
        report = infer(changed, report)
        (first if len(CACHE) > known and turn else edited).append((time.thread_time() - start) * 1000)
        project = changed
    taken = sorted([*edited, *first])
    return {
        "cold_ms": round(statistics.median(cold), 1),
        "edit_ms": round(statistics.median(taken), 2) if taken else 0.0,
        "edit_max_ms": round(taken[-1], 2) if taken else 0.0,
        "nodes": len(report.nodes),
        "parameters": report.parameters,
    }


def _stands(project: Project, graph: str, node: str, name: str) -> bool:
    """What a switch stands at."""
    held = project.graphs[graph].nodes[node]
    return bool(held.params.get(name, REGISTRY[held.layer].params[name].default))


def _switches(project: Project) -> list[tuple[str, str, str]]:
    """Parameters that are on or off and no expression, of layers inside definitions; of main without any."""
    found = [
        (graph, key, name)
        for graph, held in project.graphs.items()
        for key, node in held.nodes.items()
        if node.layer in REGISTRY
        for name, param in REGISTRY[node.layer].params.items()
        if isinstance(param, Bool) and not param.advanced and isinstance(node.params.get(name, True), bool)
    ]
    inside = [place for place in found if place[0] != MAIN]
    return inside or found
