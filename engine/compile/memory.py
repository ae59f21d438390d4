"""Estimates whether a network fits into memory before any of it is allocated.

The operating system commits memory when it is first written, so a network that is too large does not fail on
allocation: the system kills the whole process. Compares the totals of inference with free memory.
"""

from __future__ import annotations

import torch

from engine.compile.resolve import Resolved
from engine.data import catalogue
from engine.infer.layer import outcome_of
from engine.infer.outcome import Outcome
from engine.infer.totals import totals
from engine.system.device import free_memory
from nodes.data.source import DataSource
from nodes.spec import Role

GIGA = 1e9


def lack_of_memory(resolved: Resolved, device: torch.device) -> str:
    """Why this drawing cannot be trained here, in a sentence; empty where it can.

    A CUDA device raises an error by itself and recovers; there only the weights are checked, which are built
    in the memory of the CPU first.
    """
    outcomes = {
        path: outcome_of(node.layer, resolved.inputs[path])
        for path, node in resolved.nodes.items()
        if node.layer.role is not Role.SOURCE
    }
    total = totals(resolved.expanded, outcomes)
    batch_size = min([resolved.expanded.project.settings.batch_size, *_samples(resolved)])
    free = free_memory(torch.device("cpu"))
    if device.type == "cuda":
        needed = sum(
            {resolved.nodes[path].weight_path: o.weight_bytes for path, o in outcomes.items()}.values()
        )
        batch_bytes = 0
    else:
        needed, batch_bytes = total.state_bytes, total.sample_bytes * batch_size
    if needed + batch_bytes <= free:
        return ""
    advice = "Lower the batch size or make the network smaller."
    largest = _largest(outcomes)
    if needed > free:
        advice = f"{largest} is the largest layer: make it smaller."
    parts = (
        f"{needed / GIGA:,.1f} GB for weights, gradients and optimiser, {batch_bytes / GIGA:,.1f} GB for the "
        f"values of {batch_size:,} samples"
    )
    return (
        f"{largest}: Expected a network that trains in the {free / GIGA:,.1f} GB of memory that are free. "
        f"Received one that needs about {(needed + batch_bytes) / GIGA:,.1f} GB ({parts}). {advice}"
    )


def _samples(resolved: Resolved) -> list[int]:
    sources = (node.layer for node in resolved.nodes.values())
    return [catalogue.describe(layer).samples for layer in sources if isinstance(layer, DataSource)]


def _largest(outcomes: dict[str, Outcome]) -> str:
    return max(outcomes, key=lambda path: outcomes[path].weight_bytes)
