"""Problems of weights: balanced classes that nobody can count, samples that cannot be drawn as was asked, and
weights of samples that nothing reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.document import edits
from engine.document.project import End, Project
from engine.expand.flat import Expanded, FlatEnd, FlatNode
from engine.infer.outcome import Outcome
from engine.report import Edit, Fix, Problem
from nodes.data.source import DataSource
from nodes.spec import Role
from nodes.training.loss import CrossEntropy


def uncounted_classes(expanded: Expanded, flat: FlatNode) -> Iterator[Problem]:
    """Balanced class weights need the labels of a data set: its training part is counted."""
    if not isinstance(flat.layer, CrossEntropy) or flat.layer.class_weights != "balanced":
        return
    ends = dict(zip((port.name for port in flat.layer.input_ports()), flat.inputs, strict=True))
    if not ends["label"]:
        return
    source = _origin(expanded, ends["label"][0])
    if isinstance(source.layer, DataSource):
        return
    expected, received = "labels of a data set, to count their classes", f"those of {source.path}"
    message = f"{flat.layer.title}: Expected {expected}. Received {received}. Give the class weights."
    fix = Fix(
        "Weigh all classes alike",
        lambda project: edits.set_param(project, flat.graph, flat.id, "class_weights", "none"),
    )
    yield Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        port="label",
        severity="error",
        expected=expected,
        received=received,
        fixes=(fix,),
    )


def _origin(expanded: Expanded, end: FlatEnd) -> FlatNode:
    """The node that made the values at this end, looking back through layers that hand them on."""
    node = expanded.nodes[end.path]
    while node.layer.keeps_scale and node.inputs and len(node.inputs[0]) == 1:
        node = expanded.nodes[node.inputs[0][0].path]
    return node


def undrawn_samples(flat: FlatNode, outcome: Outcome) -> Iterator[Problem]:
    """Samples can be drawn by classes or weights where there are such."""
    layer, outputs = flat.layer, outcome.report.outputs
    if not isinstance(layer, DataSource) or not outputs:
        return
    target = outputs.get("target")
    one_class = target is not None and target.classes is not None and target.features in ((), (1,))
    if layer.sampling == "balanced" and not one_class:
        expected = "one class for each sample, to draw classes alike often"
        received = "no target" if target is None else f"a target {target}"
    elif layer.sampling == "weighted" and "weight" not in outputs:
        expected, received = "a set with sample weights, to draw by them", "none"
    else:
        return
    message = f"{layer.title}: sampling: Expected {expected}. Received {received}. Set it to shuffled."
    fix = Fix(
        "Use each sample once",
        lambda project: edits.set_param(project, flat.graph, flat.id, "sampling", "shuffled"),
    )
    yield Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        severity="error",
        expected=expected,
        received=received,
        fixes=(fix,),
    )


def unread_weights(expanded: Expanded, flat: FlatNode) -> Iterator[Problem]:
    """A column of sample weights is chosen, and neither a loss nor the order of samples goes by it."""
    layer = flat.layer
    if not isinstance(layer, DataSource) or layer.sampling == "weighted":
        return
    if not layer.values.get("weight_column") or all(port.name != "weight" for port in layer.output_ports()):
        return
    readers = [node for node in expanded.nodes.values() for ends in node.inputs if _weight(flat) in ends]
    if readers:
        return
    expected, received = "something that reads the sample weights", "none: all samples count alike"
    message = f"{layer.title}: Expected {expected}. Received {received}. Wire them into a loss."
    losses = [
        node
        for node in expanded.nodes.values()
        if node.layer.role is Role.LOSS and node.graph == flat.graph and "weighted" in node.layer.params
    ]
    fixes = tuple(
        Fix(f"Wire them into {loss.id}", _wired(flat, loss))
        for loss in losses[:1]
        if not loss.layer.values["weighted"]
    )
    yield Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        severity="warning",
        expected=expected,
        received=received,
        fixes=fixes,
    )


def _weight(flat: FlatNode) -> FlatEnd:
    return FlatEnd(flat.path, "weight")


def _wired(flat: FlatNode, loss: FlatNode) -> Edit:
    def edit(project: Project) -> Project:
        weighted = edits.set_param(project, loss.graph, loss.id, "weighted", True)
        return edits.connect(weighted, loss.graph, End(flat.id, "weight"), End(loss.id, "weight"))

    return edit
