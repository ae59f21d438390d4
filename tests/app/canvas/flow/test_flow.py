"""Flow over the canvas: chosen from the menu, asked of the run for all nodes in sight, with a legend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.canvas.flow.quantities import QUANTITIES, FlowScale
from app.canvas.view import CanvasView
from app.state.actions import ACTIONS
from app.state.run_controller import RunController
from app.state.session import Session
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.report import Report
from tests.app.canvas.conftest import small_report

(KIND,) = (kind for kind, lens in LENSES.items() if lens.over_canvas)


def seen(controller: RunController, target: str, **values: float) -> None:
    arrays = {name: np.array(value) for name, value in values.items()}
    controller.frames[(KIND, target)] = LensFrame(7, KIND, target, arrays)
    controller.frames_changed.emit({target})


def test_every_quantity_has_an_action() -> None:
    named = [action.argument for action in ACTIONS if action.method == "show_flow"]
    assert named == list(QUANTITIES)


def test_nodes_are_coloured_from_the_least_to_the_greatest(
    view: CanvasView, controller: RunController, session: Session
) -> None:
    session.set_report(small_report())
    view.flow.choose("deviation")
    asked = {request.target for request in controller.requests if request.kind == KIND}
    assert asked == {"conv1", "relu1", "conv2", "noise1"}
    assert "press Play" in view.chrome.flow.text()
    seen(controller, "conv1", deviation=0.01, lost=0.0)
    seen(controller, "relu1", deviation=1.0, lost=0.0)
    seen(controller, "conv2", deviation=100.0, lost=0.5)
    tints = view.drawing.look.tints
    assert tints["conv1"].words == "0.01"
    assert tints["conv1"].colour == "#440154"
    assert tints["relu1"].colour == "#fde725"
    assert tints["conv2"].words == "not finite"
    assert "noise1" not in tints
    assert not view.chrome.flow.isHidden()
    assert view.chrome.flow.text() == "deviation"
    view.grab()
    view.camera.zoom_to(0.4)
    view.grab()
    view.chrome.flow.click()
    assert view.flow.quantity == ""
    assert view.drawing.look.tints == {}
    assert not [request for request in controller.requests if request.kind == KIND]
    assert view.chrome.flow.isHidden()


def test_costs_are_known_without_a_run(view: CanvasView, controller: RunController, session: Session) -> None:
    nodes = dict(small_report().nodes)
    nodes["conv1"] = replace(nodes["conv1"], multiply_adds=300)
    nodes["conv2"] = replace(nodes["conv2"], multiply_adds=100)
    session.set_report(Report(nodes=nodes, multiply_adds=400))
    view.flow.choose("compute")
    tints = view.drawing.look.tints
    assert {key: tint.words for key, tint in tints.items()} == {"conv1": "75.0 %", "conv2": "25.0 %"}
    assert not [request for request in controller.requests if request.kind == KIND]


def test_a_scale_of_powers_of_ten_leaves_out_zero() -> None:
    quantity = QUANTITIES["gradient"]
    scale = FlowScale.over([0.0, 1e-4, 1.0, float("nan")], quantity)
    assert (scale.low, scale.high) == (1e-4, 1.0)
    assert scale.share(1e-2) == pytest.approx(0.5)
    assert scale.share(0.0) == 0.0
