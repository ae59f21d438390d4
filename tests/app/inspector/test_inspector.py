"""The inspector edits the project by mouse and keys, in undoable steps, and shows what is known."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.canvas.items.card import describe
from app.forms.completing import CompletingNames
from app.inspector.inspector import Inspector
from app.state.session import Session, View
from engine.document import edits
from engine.document.held_expressions import CONDITION
from engine.document.project import MAIN, Graph, Node, Project
from engine.report import Fix, NodeReport, Problem, Report
from nodes.param import Choice, Int
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer, N, TensorSpec


def project(*nodes: Node) -> Project:
    return Project("test", {MAIN: Graph(nodes={node.id: node for node in nodes})})


@pytest.fixture
def session(qapp) -> Session:
    return Session(
        project(
            Node("conv1", "conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
            Node("conv2", "conv2d", {"out_channels": 16}),
            Node("linear1", "linear", {"out_features": 10}),
            Node("objective1", "objective"),
            Node("odd1", "from_the_future", {"x": 1}),
        )
    )


def select(inspector: Inspector, *ids: str) -> None:
    inspector.session.select(frozenset(ids))


def row(inspector: Inspector, name: str):
    return inspector.page.form.rows[name]


def retype(widget, text: str) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    widget.selectAll()
    QTest.keyClicks(widget, text)
    QTest.keyClick(widget, Qt.Key.Key_Return)


def params(session: Session, node: str) -> dict[str, object]:
    return session.project.main.nodes[node].params


def test_selecting_a_node_shows_its_title_help_and_values(inspector):
    select(inspector, "conv1")
    page = inspector.page
    assert page.header.title.text() == "Conv2d"
    assert "Slides learned kernels" in page.header.help.text()
    assert row(inspector, "out_channels").field.entry.text() == "6"
    assert [e.text() for e in row(inspector, "kernel_size").field.entries] == ["5", "5"]


def test_typing_a_value_is_one_undoable_step_with_a_name(inspector, session):
    select(inspector, "conv1")
    retype(row(inspector, "out_channels").field.entry, "32")
    assert params(session, "conv1")["out_channels"] == 32
    assert session.undo_label == "Set output channels of Conv2d"
    session.undo()
    assert params(session, "conv1")["out_channels"] == 6
    assert row(inspector, "out_channels").field.entry.text() == "6"
    assert session.undo_label is None


def test_a_spin_of_a_value_is_one_undoable_step(inspector, session):
    select(inspector, "conv1")
    entry = row(inspector, "out_channels").field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    for _ in range(4):
        QTest.keyClick(entry, Qt.Key.Key_Up)
    assert params(session, "conv1")["out_channels"] == 10
    session.undo()
    assert params(session, "conv1")["out_channels"] == 6
    assert session.undo_label is None


def test_a_refused_value_leaves_the_project_alone_and_says_why(inspector, session):
    select(inspector, "conv1")
    before = session.project
    retype(row(inspector, "out_channels").field.entry, "5000")
    assert session.project is before
    assert row(inspector, "out_channels").message.text() == (
        "Expected a whole number from 1 to 4096. Received 5000."
    )


def test_several_nodes_are_edited_together_as_one_step(inspector, session):
    select(inspector, "conv1", "conv2")
    assert inspector.page.header.title.text() == "2 × Conv2d"
    field = row(inspector, "out_channels").field
    assert field.entry.placeholderText() == "mixed"
    retype(field.entry, "8")
    assert params(session, "conv1")["out_channels"] == params(session, "conv2")["out_channels"] == 8
    session.undo()
    assert params(session, "conv2")["out_channels"] == 16


def test_different_layers_share_what_they_have_in_common(inspector, session):
    select(inspector, "conv1", "linear1")
    assert "bias" in inspector.page.form.rows
    assert "out_channels" not in inspector.page.form.rows
    QTest.mouseClick(row(inspector, "bias").field.box, Qt.MouseButton.LeftButton)
    assert params(session, "conv1")["bias"] is False
    assert params(session, "linear1")["bias"] is False


def test_another_node_of_the_same_kind_shows_its_own_values(inspector, session):
    session.apply(edits.set_param(session.project, MAIN, "conv1", "kernel_size", [5, 3]), "Set")
    select(inspector, "conv1")
    page = inspector.page
    entry = row(inspector, "out_channels").field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    entry.selectAll()
    QTest.keyClicks(entry, "77")
    select(inspector, "conv2")
    assert inspector.page is page
    assert entry.text() == "16"
    assert params(session, "conv1")["out_channels"] == 6
    assert params(session, "conv2")["out_channels"] == 16
    field = row(inspector, "kernel_size").field
    assert (field.link.text(), [e.text() for e in field.entries]) == ("linked", ["3", "3"])
    assert page.header.id_entry.text() == "conv2"
    select(inspector, "linear1")
    select(inspector, "conv1")
    assert inspector.page is page
    assert field.link.text() == "free"


def test_reset_takes_a_value_back_to_its_default(inspector, session):
    select(inspector, "conv1")
    undo = row(inspector, "padding").undo
    undo.show()
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert "padding" not in params(session, "conv1")
    assert row(inspector, "padding").field.entries[0].text() == "0"


def test_a_node_is_renamed_in_the_heading(inspector, session):
    select(inspector, "conv1")
    retype(inspector.page.header.id_entry, "edges")
    assert "edges" in session.project.main.nodes
    assert session.selection == {"edges"}
    retype(inspector.page.header.id_entry, "conv2")
    assert inspector.page.header.message.isVisible()
    assert "edges" in session.project.main.nodes
    QTest.keyClick(inspector.page.header.id_entry, Qt.Key.Key_Escape)
    assert not inspector.page.header.message.isVisible()
    assert inspector.page.header.id_entry.text() == "edges"


def test_bypass_and_freeze_are_switched_by_their_chips(inspector, session):
    select(inspector, "conv1")
    QTest.mouseClick(inspector.page.header.bypass, Qt.MouseButton.LeftButton)
    QTest.mouseClick(inspector.page.header.freeze, Qt.MouseButton.LeftButton)
    node = session.project.main.nodes["conv1"]
    assert (node.bypassed, node.frozen) == (True, True)
    session.undo()
    assert not session.project.main.nodes["conv1"].frozen
    assert not inspector.page.header.freeze.isChecked()


def test_an_unknown_layer_says_that_it_is_kept(inspector):
    select(inspector, "odd1")
    assert inspector.page.header.title.text() == "from_the_future"
    assert "kept as it is" in inspector.page.header.help.text()


def test_a_layer_declared_a_moment_ago_has_a_form(inspector, session):
    class Wobble(Layer):
        """Shakes every value a little."""

        family = Family.MATH
        amount = Int(3, min=1, max=9, help="How much.")
        way = Choice("up", choices=("up", "down"), help="Which way.")

    REGISTRY.add(Wobble)
    try:
        session.apply(edits.add_node(session.project, MAIN, Node("wobble1", "wobble"), (0, 0)), "Add Wobble")
        select(inspector, "wobble1")
        assert inspector.page.header.title.text() == "Wobble"
        retype(row(inspector, "amount").field.entry, "7")
        assert params(session, "wobble1") == {"amount": 7}
    finally:
        select(inspector)
        REGISTRY.remove("wobble")


def spec(*features: int) -> TensorSpec:
    return TensorSpec((N, *features))


def test_shapes_arithmetic_and_cost_are_shown(inspector, session):
    report = NodeReport(
        {"input": (spec(1, 28, 28),)},
        {"output": spec(6, 28, 28)},
        156,
        117600,
        18816,
        "⌊(28 + 4 − 5) / 1⌋ + 1 = 28",
    )
    session.set_report(Report(nodes={"conv1": report}))
    select(inspector, "conv1")
    cost = inspector.page.cost
    assert "N×6×28×28" in cost.sum.text()
    assert "⌊(28" in cost.sum.text()
    assert {name: label.text() for name, label in cost.figures.values.items()} == {
        "Parameters": "156",
        "Multiply-adds / sample": "117,600",
        "Activations / sample": "18.8 kB",
    }


def test_a_fix_button_fixes_the_drawing(inspector, session):
    fix = Fix("Set padding to 1", lambda p: edits.set_param(p, MAIN, "conv2", "padding", 1))
    problem = Problem(MAIN, "conv2", "conv2", "The image is smaller than the kernel.", fixes=(fix,))
    session.set_report(Report(problems=(problem,)))
    select(inspector, "conv2")
    QTest.mouseClick(inspector.page.problems.buttons[0], Qt.MouseButton.LeftButton)
    assert params(session, "conv2")["padding"] == 1
    assert session.undo_label == "Set padding to 1"
    session.set_report(Report())
    assert not inspector.page.problems.isVisible()


def test_nothing_selected_shows_the_model_and_the_run_settings(inspector, session):
    inspector.summary.refresh()
    shown = [label.text() for label in inspector.summary.figures.values.values()]
    assert shown == ["–", "–", "–", "–", "5"], "what is not known yet is no zero"
    session.set_report(
        Report(
            parameters=61706, trainable_parameters=61706, multiply_adds=416520, outputs={"class": spec(10)}
        )
    )
    figures = {name: label.text() for name, label in inspector.summary.figures.values.items()}
    assert figures["Parameters"] == "61,706"
    assert figures["FLOPs / sample"] == "833 k"
    assert inspector.summary.output_figures.values["class"].text() == "N×10"
    retype(inspector.summary.settings.form.rows["epochs"].field.entry, "3")
    assert session.project.settings.epochs == 3
    assert session.undo_label == "Set epochs"
    session.undo()
    assert inspector.summary.settings.form.rows["epochs"].field.entry.text() == "10"


def test_inside_a_definition_a_value_may_be_an_expression(inspector, session):
    block = Graph(nodes={"conv1": Node("conv1", "conv2d")}, parameters={"width": 8})
    session.apply(edits.add_definition(session.project, "stage", block), "Add definition")
    session.show_graph(View(), View("stage", ""))
    select(inspector, "conv1")
    retype(row(inspector, "out_channels").field.entry, "=width * 2")
    assert session.project.graphs["stage"].nodes["conv1"].params["out_channels"] == "=width * 2"
    assert row(inspector, "out_channels").field.entry.text() == "=width * 2"


def test_inside_a_definition_a_layer_may_stand_only_where_a_condition_holds(inspector, session):
    block = Graph(nodes={"conv1": Node("conv1", "conv2d")}, parameters={"width": 8})
    session.apply(edits.add_definition(session.project, "stage", block), "Add definition")
    select(inspector, "conv1")
    assert CONDITION not in inspector.page.form.rows
    session.show_graph(View(), View("stage", ""))
    select(inspector, "conv1")
    line = row(inspector, CONDITION)
    assert (line.label.text(), line.field.entry.placeholderText()) == ("Only if", "always")
    retype(line.field.entry, "i == 0 and width > 4")
    assert session.graph.nodes["conv1"].when == "=i == 0 and width > 4"
    assert session.undo_label == "Have Conv2d only if i == 0 and width > 4"
    card = describe(
        session.project, session.graph, session.graph.nodes["conv1"], None, (), {"i": 1, "width": 8}
    )
    assert (card.bypassed, card.label) == (True, "16 · 3×3 · if i == 0 and width > 4")
    retype(line.field.entry, "depth")
    assert line.message.text() == "Expected names among i, width. Received depth."
    line.field.entry.selectAll()
    QTest.keyClicks(line.field.entry, "i < wi")
    assert line.field.entry.findChild(CompletingNames).offered == ("width",)
    QTest.keyClick(line.field.entry, Qt.Key.Key_Tab)
    assert line.field.entry.text() == "i < width"
    retype(line.field.entry, " ")
    assert session.graph.nodes["conv1"].when == ""


def test_a_placement_shows_the_parameters_of_its_definition(inspector, session):
    block = Graph(nodes={"conv1": Node("conv1", "conv2d")}, parameters={"width": 8})
    changed = edits.add_definition(session.project, "stage", block)
    placed = Node("stage1", "block", {"definition": "stage"})
    session.apply(edits.add_node(changed, MAIN, placed, (0, 0)), "Add block")
    select(inspector, "stage1")
    retype(row(inspector, "width").field.entry, "12")
    assert params(session, "stage1")["width"] == 12
    QTest.mouseClick(inspector.page.header.open, Qt.MouseButton.LeftButton)
    assert session.view == View("stage", "stage1")


def test_help_opens_the_whole_text(inspector):
    select(inspector, "conv1")
    header = inspector.page.header
    assert "H'" not in header.help.text()
    header.help.linkActivated.emit("help")
    assert "Input" in header.help.text()


def test_a_parameter_of_a_network_is_set_wherever_its_weights_stand(inspector):
    session = inspector.session
    net = Graph(
        nodes={"linear1": Node("linear1", "linear", {"out_features": "=out"})}, parameters={"out": 10}
    )
    placed = {key: Node(key, "network", {"definition": "Net"}) for key in ("real", "fake")}
    placed["own"] = Node("own", "block", {"definition": "Net"})
    session.open(Project("test", {MAIN: Graph(nodes=placed), "Net": net}), None)
    select(inspector, "real")
    retype(row(inspector, "out").field.entry, "1")
    assert [params(session, key).get("out") for key in ("real", "fake", "own")] == [1, 1, None]
    session.undo()
    assert [params(session, key).get("out") for key in ("real", "fake", "own")] == [None, None, None]
    session.redo()
    select(inspector, "fake")
    inspector.page.form.reset.emit("out")
    assert [params(session, key).get("out") for key in ("real", "fake")] == [None, None]


def test_a_placement_tells_what_is_wrong_inside_and_fixes_it(inspector):
    session = inspector.session
    net = Graph(nodes={"linear1": Node("linear1", "linear")})
    main = Graph(nodes={"net": Node("net", "network", {"definition": "Net"})})
    session.open(Project("test", {MAIN: main, "Net": net}), None)
    fix = Fix("Set it to 3", lambda p: edits.set_param(p, "Net", "linear1", "out_features", 3))
    problem = Problem("Net", "linear1", "net.linear1", "Linear: Expected 3. Received 64.", fixes=(fix,))
    session.set_report(Report(problems=(problem,)))
    select(inspector, "net")
    (button,) = inspector.page.problems.buttons
    texts = [label.text() for label in inspector.page.problems.findChildren(QLabel)]
    assert texts == ["linear1: Linear: Expected 3. Received 64."]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.project.graphs["Net"].nodes["linear1"].params == {"out_features": 3}


def test_several_layers_have_no_help_to_unfold(inspector):
    select(inspector, "conv1", "linear1")
    assert inspector.page.header.help.text() == "What they have in common is edited together."


def test_a_long_name_of_a_definition_does_not_widen_the_panel(inspector):
    session, name = inspector.session, "A_rather_long_discriminator"
    main = Graph(nodes={"net": Node("net", "network", {"definition": name})})
    session.open(Project("test", {MAIN: main, name: Graph(nodes={"relu": Node("relu", "relu")})}), None)
    select(inspector, "net")
    header = inspector.page.header
    assert header.open.text().startswith("Open A_rath")
    assert header.open.toolTip() == f"Open {name}"
    assert inspector.page.minimumSizeHint().width() <= inspector.width()


def test_shapes_of_what_gives_nothing_are_what_enters_it(inspector):
    report = NodeReport(inputs={"loss": (TensorSpec(()), TensorSpec(()))})
    inspector.session.set_report(Report(nodes={"objective1": report}))
    select(inspector, "objective1")
    shown = QTextDocumentFragment.fromHtml(inspector.page.cost.sum.text()).toPlainText()
    assert shown == "scalar, scalar →"
