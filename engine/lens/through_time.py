"""Gradients through time: how the loss depends on the states of a scan after each step.

A forward and a backward pass of their own, in evaluation mode and step by step; nothing is added to the
gradients of weights, and the random state is put back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from engine.compile import Plan
from engine.compile.scans.loop import StateTrace, loop_of
from engine.expand.flat import FlatEnd
from engine.expand.scan import ScanLayer
from engine.system.random_state import kept_random_state


def gradients_through_time(
    plan: Plan, values: Mapping[FlatEnd, Tensor], paths: Sequence[str]
) -> dict[str, dict[str, Tensor]]:
    """|∂L/∂h_t| by path of a scan and name of its state, (T), in the order of time.

    L is the sum of the losses of all objectives on these values of the sources, h_t the state after step t;
    later steps count. The norm is over samples and features. Paths that are no scans are left out: recurrent
    layers are looked at in `engine.lens.sequences.over_time`.
    """
    layers = {path: node.layer for path in paths if (node := plan.nodes.get(path)) is not None}
    scans = {path: layer for path, layer in layers.items() if isinstance(layer, ScanLayer)}
    loops = {path: loop_of(plan.modules[path]) for path in scans}
    if not loops or not plan.objectives:
        return {}
    for loop in loops.values():
        loop.trace = StateTrace()
    try:
        with torch.enable_grad(), kept_random_state(plan.device):
            plan.eval()
            losses, _, _ = plan.evaluation(values)
            traces = {path: loop.trace for path, loop in loops.items() if loop.trace is not None}
    finally:
        plan.train()
        for loop in loops.values():
            loop.trace = None
    total = sum(loss.sum() for loss in losses)
    assert isinstance(total, Tensor)
    return {path: _norms(total, trace, scans[path].scan.reverse) for path, trace in traces.items()}


def _norms(loss: Tensor, trace: StateTrace, reverse: bool) -> dict[str, Tensor]:
    found = {}
    for name, states in trace.values.items():
        if not loss.requires_grad or not all(state.requires_grad for state in states):
            continue
        given = torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True)
        norms = [torch.zeros(()) if each is None else each.detach().float().norm().cpu() for each in given]
        found[name] = torch.stack(norms[::-1] if reverse else norms)
    return found
