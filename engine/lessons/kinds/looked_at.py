"""Checks of what is looked at: the lens that a node shows."""

from __future__ import annotations

from engine.lessons.check import Check, CheckOutcome, Situation, met, missed
from engine.lessons.kinds.drawing import title_of
from nodes.param import Text


class Pinned(Check):
    """Whether a lens is pinned to a node."""

    kind = "lens"
    title = "Lens on a node"

    lens = Text("", empty="any", help="The kind of lens, as histogram; empty: any.")
    node = Text("", empty="any", help="The name of the node, or its layer; empty: any.")

    def look(self, situation: Situation) -> CheckOutcome:
        for graph in situation.project.graphs.values():
            for pin in graph.lenses:
                node = graph.nodes.get(pin.target)
                named = self.node in ("", pin.target) or (node is not None and node.layer == self.node)
                if named and self.lens in ("", pin.kind):
                    return met(f"{pin.target} shows {_called(pin.kind)}.")
        where = title_of(self.node) if self.node else "a node"
        return missed(f"Expected {_called(self.lens)} on {where}. Received none.")


def _called(kind: str) -> str:
    return kind.replace("_", " ") if kind else "a lens"
