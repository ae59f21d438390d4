"""The parts to start from stand on data as they are, and can be written as every drawing can."""

from __future__ import annotations

import pytest

from engine.document import edits
from engine.document.building_blocks import building_blocks
from engine.document.project import MAIN, Node, Project
from engine.document.storage.file import from_bytes, to_bytes
from engine.infer import infer

FED = {"Generator": ("noise", {"shape": [64]}, "output"), "Decoder": ("noise", {"shape": [16]}, "output")}
RESULTS = {
    "MLP": "N×10",
    "ConvBlock": "N×32×28×28",
    "ResidualBlock": "N×64×28×28",
    "Generator": "N×1×28×28",
    "Discriminator": "N×1",
    "UNet": "N×1×28×28",
    "Encoder": "N×16",
    "Decoder": "N×1×28×28",
}


@pytest.mark.parametrize("part", building_blocks(), ids=lambda part: part.name)
def test_a_part_stands_on_data_as_it_is(part) -> None:
    project = edits.add_definition(Project(), part.name, part.graph)
    layer, params, port = FED.get(part.name, ("data", {"dataset": "fashion-mnist"}, "input"))
    project = edits.add_node(project, MAIN, Node("source", layer, params), (0, 0))
    project = edits.add_node(project, MAIN, Node("net", "network", {"definition": part.name}), (200, 0))
    project = edits.connect(project, MAIN, ("source", port), ("net", part.graph.inputs[0]))
    report = infer(project)
    assert not report.errors
    assert str(report.nodes["net"].outputs[part.graph.outputs[0]]) == RESULTS[part.name]
    assert report.nodes["net"].parameters > 0
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)
