"""Weights that a person typed in a picture become weights by hand of the drawing, in one step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from app.state.session import Session
from engine.document import edits
from engine.document.project import Project
from nodes.registry import REGISTRY
from nodes.shared.card_label import by
from nodes.shared.given_weights import can_be_given, written


def give_weights(session: Session, path: str, tensors: Mapping[str, NDArray[np.generic]]) -> None:
    """Give the layer at a path these tensors from the next run on; say why where that cannot be."""
    view, report = session.view, session.report.nodes.get(path)
    key = path.removeprefix(session.path_of(""))
    node = session.graph.nodes.get(key)
    if node is None or session.path_of(key) != path:
        session.notify(f"Open the definition that holds {path} to type its weights.", "warn")
        return
    declared = REGISTRY[node.layer].params if node.layer in REGISTRY else {}
    shapes = dict(report.weights) if report is not None else {}
    drawn = {name: held.shape for name, held in tensors.items()}
    if not can_be_given(declared) or drawn != shapes:
        expected = ", ".join(f"{name} {by(shape)}" for name, shape in shapes.items()) or "weights"
        received = ", ".join(f"{name} {by(shape)}" for name, shape in drawn.items())
        words = (
            f"Edit them in Weights of {path}. Expected all of {expected}. Received {received}, what is drawn."
        )
        session.notify(words, "warn")
        return
    numbers = {name: tuple(float(one) for one in held.ravel()) for name, held in tensors.items()}

    def edit(project: Project) -> Project:
        for name, value in written(numbers, declared, shapes).items():
            project = edits.set_param(project, view.graph, key, name, value)
        return project

    session.attempt(edit, f"Type a weight of {key}")
