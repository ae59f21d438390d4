"""Pictures that an augmentation moves while the masks that belong to them stay where they were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.document import edits
from engine.document.project import End, Project
from engine.expand.flat import Expanded, FlatEnd, FlatNode
from engine.infer.outcome import Outcome
from engine.report import Edit, Fix, Problem
from nodes.data.augment import Augmentation
from nodes.data.source import DataSource
from nodes.spec import TensorSpec


def masks_left_behind(
    expanded: Expanded, flat: FlatNode, outcomes: Mapping[str, Outcome]
) -> Iterator[Problem]:
    """An augmentation moves pictures of a data set whose targets are masks, or pictures, of their size."""
    layer = flat.layer
    if not layer.moves_pixels or layer.values.get("with_mask") or not flat.inputs[0]:
        return
    source = _source(expanded, flat.inputs[0][0])
    if source is None or source.path not in outcomes or flat.path not in outcomes:
        return
    target = outcomes[source.path].report.outputs.get("target")
    moved = next(iter(outcomes[flat.path].report.outputs.values()), None)
    truth = FlatEnd(source.path, "target")
    readers = [node for node in expanded.nodes.values() for ends in node.inputs if truth in ends]
    if not readers or not _is_map(target, moved):
        return
    expected = "the masks moved with their pictures"
    received = f"pictures that move alone; {source.path} has a target {target} for each"
    fixes: tuple[Fix, ...] = ()
    if source.graph == flat.graph and all(reader.graph == flat.graph for reader in readers):
        fixes = (Fix(f"Move the masks of {source.id} too", _moved_together(flat, source, readers)),)
    yield Problem(
        flat.graph,
        flat.id,
        flat.path,
        f"{layer.title}: Expected {expected}. Received {received}. Switch on Mask too, and wire them in.",
        severity="error",
        expected=expected,
        received=received,
        fixes=fixes,
    )


def _source(expanded: Expanded, end: FlatEnd) -> FlatNode | None:
    """The data set whose inputs enter here, looking back through augmentations and what keeps values."""
    node = expanded.nodes[end.path]
    while isinstance(node.layer, Augmentation) or node.layer.keeps_values or node.layer.keeps_scale:
        if not node.inputs or len(node.inputs[0]) != 1 or end.port == "mask":
            return None
        end = node.inputs[0][0]
        node = expanded.nodes[end.path]
    return node if isinstance(node.layer, DataSource) and end.port == "input" else None


def _is_map(target: TensorSpec | None, moved: TensorSpec | None) -> bool:
    return (
        target is not None
        and moved is not None
        and target.rank >= 3
        and target.shape[-2:] == moved.shape[-2:]
    )


def _moved_together(flat: FlatNode, source: FlatNode, readers: list[FlatNode]) -> Edit:
    """Send the masks through this augmentation: what read them reads them moved."""
    truth = FlatEnd(source.path, "target")

    def edit(project: Project) -> Project:
        changed = edits.set_param(project, flat.graph, flat.id, "with_mask", True)
        for reader in readers:
            for port, ends in zip(reader.layer.input_ports(), reader.inputs, strict=True):
                if truth in ends:
                    to = End(reader.id, port.name)
                    changed = edits.connect(changed, flat.graph, End(flat.id, "mask"), to, replace=True)
        return edits.connect(changed, flat.graph, End(source.id, "target"), End(flat.id, "mask"))

    return edit
