"""llm-viz: a whole transformer at a glance, and any number of it with the sums that made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF

from app.widgets.buttons import IconButton
from tests.tours.card_windows import back, in_window
from tests.tours.studio import Studio

if TYPE_CHECKING:
    from app.lenses.cell.view import CellView

LAYERS = {
    "norm1": "LayerNorm: mean, variance, what is scaled and shifted.",
    "attention": "Attention: what each head adds, and each key within it.",
    "add1": "The residual path: what the attention adds to what was there.",
    "widen": "A linear layer: input times weight, the bias, and GELU of the sum.",
}


def tour(studio: Studio) -> None:
    studio.open_gallery("gpt-moby")
    studio.take("drawing", "A GPT of four layers as the gallery opens it, with pictures of fresh weights.")
    studio.train(lambda: studio.step >= 60)
    studio.pause()
    studio.take("trained", "The same after 60 steps.")
    studio.click(studio.canvas.viewport(), studio.node_at("layer"), double=True)
    studio.settle(1.0)
    studio.press("Ctrl+J", on=studio.canvas)
    studio.press("Ctrl+J", on=studio.canvas)
    studio.canvas.setFocus()
    studio.press("F")
    studio.settle(1.0)
    studio.take("block", "Inside of the first of the four layers: both residual paths.")
    other_copy(studio)
    for node, words in LAYERS.items():
        cell(studio, node, words)
    studio.press("Escape", "Escape", on=studio.canvas)  # nothing is selected; then out of the layer
    studio.settle(0.6)
    studio.check(studio.window.session.view.path == "", "Escape leads out of the layer")
    cell(studio, "logits", "The score of a character: its row of the table times the last vector.")


def other_copy(studio: Studio) -> None:
    """By the arrow of the breadcrumb to the second layer."""
    crumb = studio.canvas.chrome.breadcrumb
    found = [one for one in crumb.findChildren(IconButton) if one.accessibleName() == "Show the next copy"]
    studio.click(found[-1])
    studio.settle(1.0)
    studio.check(studio.window.session.view.path == "layer.1", "the arrow leads from layer 0 to layer 1")
    studio.take("next-block", "The same inside of the second layer: other weights, other values.")


def cell(studio: Studio, node: str, words: str) -> None:
    card = studio.look(node, "cell")
    studio.shown(card)
    window = in_window(studio, card, 760, 860)
    view = cast("CellView", card.view)
    before = view.value.text()
    box = view.canvas.boxes.output
    studio.click(view.canvas, QPointF(box.left() + 0.31 * box.width(), box.top() + 0.62 * box.height()))
    studio.wait(lambda: view.value.text() != before and not view._asked, what="another element")
    studio.settle(0.6)
    studio.take(node, words, window)
    told, value = view.formula.text(), last_number(view.value.text())
    studio.check(adds_up(told, value), f"{node}: the sums end with the value on show, {view.value.text()}")
    back(studio, card)


def last_number(words: str) -> float:
    return float(re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", words.replace("−", "-"))[-1])


def adds_up(formula: str, value: float) -> bool:
    """Whether the last line ends with the value, and the terms of every sum of plain numbers give it."""
    lines = formula.replace("−", "-").splitlines()
    for line in lines:
        left, _, right = line.rpartition(" = ")
        terms = re.sub(r"\[\d[\d,]* more: ([^\]]*)\]", r"(\1)", left).removeprefix("all parts: ")
        terms = re.sub(r"^[^:=]*: ", "", terms).replace(" bias", "").replace("·", "*")
        if not right or re.fullmatch(r"[\d.e()+*\- ]+", terms) is None:
            continue
        if abs(_total(terms) - last_number(right)) > 0.01 * max(1.0, abs(last_number(right))):
            return False
    return abs(last_number(lines[-1]) - value) <= 1e-3 * max(1.0, abs(value))


def _total(terms: str) -> float:
    """Of terms like `0.5*(-2) + 3`."""
    total = 0.0
    for term in terms.split(" + "):
        product = 1.0
        for number in term.split("*"):
            product *= float(number.strip(" ()"))
        total += product
    return total
