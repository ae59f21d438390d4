"""Tells the scheduled values of a drawing which step and epoch it is, before each training step."""

from __future__ import annotations

from engine.compile import Plan
from nodes.layers.scheduled import ScheduledValue


class Clock:
    """The scheduled values of a plan. They keep the value of the last training step until the next."""

    def __init__(self, plan: Plan) -> None:
        from nodes.modules.values.scheduled import Scheduled

        found: dict[int, tuple[ScheduledValue, Scheduled]] = {}
        for path, node in plan.nodes.items():
            module = plan.modules.get(path)
            if isinstance(node.layer, ScheduledValue) and isinstance(module, Scheduled):
                found[id(module)] = node.layer, module
        self._scheduled = tuple(found.values())

    def tell(self, step: int, epoch: int) -> None:
        """That this step (from 0) of this epoch (from 0) comes next."""
        for layer, module in self._scheduled:
            module.tell(layer.at(step, epoch))
