"""Layers in a row on noise, and LeNet-5 so written: drawings for the tests of inference."""

from __future__ import annotations

from typing import Any

from engine.document.project import Node, Project
from engine.report import Report
from tests.engine.resnet import chain, project_of


def stack(shape: list[int], *layers: tuple[str, dict[str, Any]]) -> Project:
    """Layers in a row on noise of this shape; ids are `l0`, `l1`, …"""
    nodes = [Node("image", "noise", {"shape": shape})]
    nodes += [Node(f"l{k}", layer, params) for k, (layer, params) in enumerate(layers)]
    return project_of(nodes, chain(*(node.id for node in nodes)))


def errors(report: Report) -> list[str]:
    return [problem.message for problem in report.errors]


def conv_layer(channels: int, size: int, **more: Any) -> tuple[str, dict[str, Any]]:
    return "conv2d", {"out_channels": channels, "kernel_size": size, **more}


POOL = ("max_pool2d", {"kernel_size": 2, "stride": 2})


def lenet(side: int, padding: int) -> Project:
    return stack(
        [1, side, side],
        conv_layer(6, 5, padding=padding),
        POOL,
        conv_layer(16, 5),
        POOL,
        ("flatten", {}),
        ("linear", {"out_features": 120}),
        ("linear", {"out_features": 84}),
        ("linear", {"out_features": 10}),
    )
