"""CNN Explainer: maps of LeNet-5 in every node, a kernel that slides, values under the mouse, softmax."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF

from app.lens_cards.card import LensCard
from tests.tours.studio import Studio

BAG = (
    [(40, 70), (130, 70)],
    [(x, y) for y in range(78, 140, 8) for x in (40, 130)],
    [(60, 68), (66, 40), (104, 40), (110, 68)],
)
"""Strokes on the pad: the upper edge, the body from side to side, the handle."""


def tour(studio: Studio) -> None:
    studio.open_gallery("lenet5-fashion")
    nodes = studio.canvas.drawing.nodes
    studio.wait(lambda: nodes["conv2"].sheet is not None, what="maps in the nodes")
    studio.take("drawing", "Before training: the maps of every layer, of a picture from the data.")
    studio.train(lambda: studio.step > 150)
    studio.pause()
    studio.take("trained", "150 steps: maps in every node, the answer in the output, curves below.")
    cell = _cell(studio)
    _others(studio)
    _softmax(studio)
    _window(studio, cell)
    studio.press("Alt+1", on=studio.canvas)
    studio.settle(1.5)
    studio.take("deviation", "Alt+1: the deviation of the values of each layer as colour over the drawing.")
    studio.press("Alt+1", on=studio.canvas)
    studio.press("Ctrl+J", on=studio.canvas)
    studio.settle(1.0)
    pad = studio.try_it.strokes
    for line in BAG:
        studio.drag(pad, [QPoint(x, y) for x, y in line])
    studio.settle(2.0)
    studio.check(studio.try_it.heading.note.text() == "drawn by hand", "every picture follows the strokes")
    studio.take("try-it", "Ctrl+J: a bag drawn by hand; what it is taken for, and its maps in every node.")


def _cell(studio: Studio) -> LensCard:
    maps = studio.look("conv1", "feature maps")
    studio.shown(maps)
    cell = studio.look("conv1", "cell")
    studio.shown(cell)
    studio.check("Σ" in cell.view.formula.text() or "+" in cell.view.formula.text(), "the sum is written out")
    studio.take("maps-and-cell", "Feature maps beside one element: window, kernel, products, sum and bias.")
    return cell


def _others(studio: Studio) -> None:
    for name, words in (
        ("tanh1", "An activation: the curve, the value that goes in and what comes out."),
        ("pool1", "Pooling: the window and its largest."),
        ("linear3", "A dense layer: inputs times weights, the largest terms first."),
    ):
        card = studio.look(name, "cell")
        studio.shown(card)
        studio.take(f"cell-{name}", words)


def _softmax(studio: Studio) -> None:
    card = studio.look("output", "distribution")
    studio.shown(card)
    view = card.view
    total = float(view.table.softmax.sum())
    studio.check(abs(total - 1.0) < 1e-5, f"the softmax terms add to {total:.6f}")
    studio.take(
        "softmax", "Scores, softmax and the share of each class; below, the fraction of the chosen row."
    )
    row = view.rows
    studio.click(row, QPointF(40.0, 19.0 * 2.5))
    studio.check(view.row == 1, "a click chooses the second class")
    name = view.table.names[1]
    studio.check(view.formula.text().startswith(name), f"the fraction is of {name}: {view.formula.text()}")
    studio.click(card.float_button)
    studio.settle(1.0)
    studio.take("softmax-window", "The same in a window: e to the score over the sum of all.", card.window())
    studio.click(card.float_button)
    studio.settle(0.5)


def _window(studio: Studio, card: LensCard) -> None:
    """The kernel slides over the picture; values under the mouse."""
    studio.click(card.float_button)
    studio.settle(1.0)
    view, window = card.view, card.window()
    box = view.canvas.boxes.products
    studio.hover(view.canvas, box.center())
    studio.check("×" in card.note.text(), f"a product under the mouse is told: {card.note.text()}")
    studio.take("hovered", "The mouse over a product: x × k is written out.", window)
    before = view.shown.place
    studio.click(view.play)
    studio.wait(
        lambda: view.shown.place[0] > before[0] or view.shown.place[1] > before[1] + 5, 30.0, "sliding"
    )
    studio.take("sliding", "The window slides over the picture; the element it makes is marked.", window)
    studio.check(view.is_sliding, "the window slides by itself")
    studio.check(tuple(view.shown.place) != tuple(before), f"it has gone from {before} to {view.shown.place}")
    studio.click(view.play)
    studio.check(np.isfinite(view.shown.cell.value), "the element is a number")
    studio.click(card.float_button)
    studio.settle(0.5)
