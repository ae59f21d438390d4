"""Checks of what inference found: problems, shapes, counts of parameters."""

from __future__ import annotations

from engine.lessons import comparison
from engine.lessons.check import Check, CheckOutcome, Situation, met, missed
from nodes.param import Choice, Float, Text
from nodes.shared.card_label import by
from nodes.shown_text import quoted


class HasProblems(Check):
    """Whether the drawing has problems."""

    kind = "problems"
    title = "Problems of the drawing"

    wanted = Choice("none", choices=("none", "some"), help="Whether there are to be problems.")

    def look(self, situation: Situation) -> CheckOutcome:
        errors = situation.report.errors
        if self.wanted == "some":
            if errors:
                return met(f"The drawing says: {errors[0].message}")
            return missed("Expected a drawing with a problem. Received one without.")
        if not errors:
            return met("The drawing has no problems.")
        more = f" There are {len(errors) - 1:,} more." if len(errors) > 1 else ""
        return missed(f"The drawing still says: {errors[0].message}{more}")


class Parameters(Check):
    """Compares the number of weights that a drawing, or one of its nodes, has."""

    kind = "parameter_count"
    title = "Number of parameters"

    node = Text("", empty="the whole drawing", help="A node; empty: the whole drawing.")
    comparison = comparison.comparison(comparison.EQUAL)
    count = Float(0.0, min=0.0, max=1e12, help="How many weights there are to be.")

    def look(self, situation: Situation) -> CheckOutcome:
        report = situation.report
        entry = report.nodes.get(self.node)
        if self.node and entry is None:
            return missed(f"Expected a node {quoted(self.node)} whose shapes are known.")
        found = entry.parameters if entry is not None else report.parameters
        what = quoted(self.node) if self.node else "The drawing"
        if comparison.holds(found, self.comparison, self.count):
            return met(f"{what} has {found:,} parameters.")
        wanted = comparison.words(self.comparison, self.count)
        return missed(f"Expected parameters: {wanted}. Received {found:,}.")


class OutputShape(Check):
    """Compares the shape of what a node gives."""

    kind = "shape"
    title = "Shape of an output"

    node = Text("", help="The name of the node.")
    shape = Text("", help="The shape of one sample, as 16x5x5.")

    def look(self, situation: Situation) -> CheckOutcome:
        entry = situation.report.nodes.get(self.node)
        if entry is None or not entry.outputs:
            return missed(f"Expected a node {quoted(self.node)} whose shapes are known.")
        found = by(next(iter(entry.outputs.values())).features)
        wanted = self.shape.lower().replace("x", "×").replace(" ", "")
        if found.replace(" ", "") == wanted:
            return met(f"{self.node} gives {found} for each sample.")
        return missed(f"Expected {wanted} from {quoted(self.node)}. Received {found}.")
