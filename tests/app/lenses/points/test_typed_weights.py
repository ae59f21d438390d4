"""A weight that is typed in a network diagram is a weight by hand of the drawing, and can be undone."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt

from app.inspector.lens_parts import LensPart
from app.lenses.painter import Context
from app.lenses.painters.points.diagram import line_of, read_diagram
from app.lenses.registry import PAINTERS
from app.panels.typed_weights import give_weights
from app.state.session import Session
from engine.infer import infer
from engine.lens.registry import LENSES
from tests.app.lenses.points.test_diagram import ARRAYS
from tests.gallery.held import project


def test_a_click_on_a_weight_opens_a_field(qtbot) -> None:
    part = LensPart(LENSES["network_diagram"])
    qtbot.addWidget(part)
    view = part.view
    view.setParent(None)
    qtbot.addWidget(view)
    view.resize(800, 400)
    assert PAINTERS["network_diagram"].show(view, ARRAYS, Context())
    view.show()
    view.resize(800, 400)
    edge = next(one for one in view.shown.edges() if one.weight == -2.0)
    place = line_of(view.shown, edge, view.areas(QRectF(view.rect()))[0]).pointAtPercent(0.35).toPoint()
    given: list[tuple[str, Any]] = []
    part.weights_given.connect(lambda path, tensors: given.append((path, tensors)))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert view.entry.text() == "-2"
    view.entry.setText("0.75")
    qtbot.keyClick(view.entry, Qt.Key.Key_Return)
    ((path, tensors),) = given
    assert path == "block.hidden"
    assert tensors["weight"].tolist() == [[1, -0.5], [0.25, 0], [0.75, 1.5]]
    assert view.shown.weights[0][2, 0] == -2.0, "what is shown is what was seen"
    assert not view.entry.isVisible()


def test_the_drawing_takes_it_as_weights_by_hand(qtbot) -> None:
    session = Session(project("xor-by-hand"))
    session.report = infer(session.project)
    told: list[str] = []
    session.notified.connect(lambda words, _kind: told.append(words))
    weight, bias = np.array([[1, 1], [1, 3.5]], np.float32), np.array([0, -1], np.float32)
    give_weights(session, "hidden", {"weight": weight, "bias": bias})
    assert told == []
    assert session.project.main.nodes["hidden"].params["weights"] == "1 1; 1 3.5"
    session.undo()
    assert session.project.main.nodes["hidden"].params["weights"] == "1 1; 1 1"
    give_weights(session, "hidden", {"weight": weight[:1]})
    assert told[-1].startswith("Edit them in Weights of hidden. Expected all of weight 2×2, bias 2.")
    give_weights(session, "block.hidden", {"weight": weight})
    assert told[-1].startswith("Open the definition")


def test_a_weight_of_a_layer_of_which_a_part_is_drawn_leaves_the_others_as_they_are(qtbot) -> None:
    whole = np.arange(18, dtype=np.float32).reshape(9, 2)
    arrays = {**ARRAYS, "whole_weight_1": whole, "whole_bias_1": whole[:, 0]}
    shown = read_diagram(arrays, Context())
    assert shown is not None
    edge = next(one for one in shown.edges() if (one.column, one.unit, one.before) == (1, 2, 1))
    tensors = shown.typed(edge, 0.5)
    changed = whole.copy()
    changed[2, 1] = 0.5
    np.testing.assert_array_equal(tensors["weight"], changed)
    np.testing.assert_array_equal(tensors["bias"], whole[:, 0])
    assert whole[2, 1] == 5.0, "what was seen stays as it was"
