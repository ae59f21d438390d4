"""What can be asked of a run of a drawing: every lens where it offers itself."""

from __future__ import annotations

from engine.document.project import Project
from engine.infer import infer
from engine.lens.registry import LENSES
from engine.messages.lens_request import LensRequest
from nodes.registry import REGISTRY


def every_lens(project: Project) -> tuple[LensRequest, ...]:
    """Every lens at every node where it offers itself."""
    report = infer(project)
    found = [
        LensRequest(lens.kind, key)
        for key, node in project.main.nodes.items()
        if node.layer in REGISTRY
        for lens in LENSES.fitting(REGISTRY[node.layer], report.nodes.get(key))
    ]
    return tuple(found)
