"""Looks at drawings of points without a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest, options_of
from nodes.registry import REGISTRY

Arrays = dict[str, NDArray[Any]]


class Looked:
    """A drawing with fresh weights of a seed, ready to be looked at."""

    def __init__(self, project: Project) -> None:
        torch.manual_seed(0)
        self.plan: Plan = compile(project)
        self.report = infer(project)
        sources = Sources(self.plan)
        self.feeds = Feeds(
            sources.pinned(1, 0), sources.units(), sources.held, sources.samples(), sources.validates
        )

    def at(self, kind: str, path: str, step: int = 0, **options: Any) -> Arrays:
        """What a lens sends of a node; nothing where it has nothing to show. Fails where it cannot look."""
        looked = look(self.plan, self.feeds, [LensRequest(kind, path, options_of(options))], step)
        assert not looked.failed, looked.failed[0].error
        return dict(looked.frames[0].arrays) if looked.frames else {}

    def offered(self, kind: str) -> list[str]:
        """The nodes of the main graph for which a lens offers itself."""
        found = []
        for path, node in self.plan.project.main.nodes.items():
            if LENSES[kind].applies_to(REGISTRY[node.layer], self.report.nodes.get(path)):
                found.append(path)
        return found


def grid(domain: NDArray[Any], side: int) -> NDArray[np.float32]:
    """Points (side, side, 2), the largest y first, written anew."""
    (left, right), (low, high) = domain.tolist()
    points = np.empty((side, side, 2), np.float32)
    for row in range(side):
        for column in range(side):
            points[row, column, 0] = left + (right - left) * column / (side - 1)
            points[row, column, 1] = high - (high - low) * row / (side - 1)
    return points
