"""TensorFlow Playground: the spiral, a field in every neuron, wires by weight, a weight typed by hand."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QRectF

from app.lens_cards.card import LensCard
from app.lenses.painters.points.diagram import Edge, line_of
from app.lenses.painters.points.neurons import DiagramView
from tests.tours.studio import Studio


def tour(studio: Studio) -> None:
    studio.open_gallery("mlp-spiral")
    nodes = studio.canvas.drawing.nodes
    studio.wait(lambda: nodes["linear2"].sheet is not None, what="fields in the nodes")
    studio.take("drawing", "Before training: each layer shows the fields of its units, the output its own.")
    studio.select("linear2")
    studio.press("L", on=studio.canvas)
    studio.take("offer", "L at a layer: the lenses that fit it, best first, each with a sentence.")
    studio.press("Escape", on=studio.canvas.looking.box.field)
    diagram = studio.look("linear3", "network diagram")
    studio.shown(diagram)
    field = studio.look("output", "field")
    studio.shown(field)
    shown = field.view.shown
    studio.check(float(np.ptp(shown.values)) > 0.05, "the field of the output is not blank")
    studio.check(len(shown.points) > 100, f"{len(shown.points)} data points lie over the field")
    in_sight = [card for card in studio.lenses.cards if not card.visibleRegion().isEmpty()]
    studio.check(len(in_sight) == 2, "both cards are in sight, side by side")
    studio.take("two-cards", "Network diagram (width and colour of a line: its weight) beside the field.")
    studio.train(lambda: studio.step > 900)
    studio.take("training", "While it trains: curves, fields and lines move together.")
    studio.pause()
    studio.take("paused", "Paused: pictures, losses and metrics are of the step at which it rests.")
    _decided(studio, field)
    _weight(studio, diagram)
    _rewound(studio)
    studio.press("Alt+2", on=studio.canvas)
    studio.settle(1.5)
    studio.take("gradient", "Alt+2: the gradient norm of every layer as colour, with a legend.")
    studio.press("Alt+2", on=studio.canvas)
    studio.press("Ctrl+J", on=studio.canvas)
    studio.settle(1.0)
    pad = studio.try_it.points
    studio.drag(pad, [QPoint(84, 84), QPoint(100, 70), QPoint(120, 60)])
    studio.settle(2.0)
    studio.check(studio.try_it.heading.note.text() == "placed by hand", "every picture follows the point")
    studio.take("try-it", "Ctrl+J: a point is dragged over the plane; prediction and pictures follow.")


def _decided(studio: Studio, card: LensCard) -> None:
    """The class alone, not how sure: what Playground calls discretized output."""
    studio.click(card.options)
    studio.take("field-options", "The options of the field, unfolded in its card.")
    card.option_set.emit("answers", "decisions", "")
    levels = lambda: len(np.unique(card.view.shown.values))  # noqa: E731
    studio.wait(lambda: levels() <= 3, what="the field of decisions")
    studio.lenses.reveal(card.pin)
    studio.check(levels() <= 3, f"the field of decisions has {levels()} levels")
    studio.take("decisions", "Answers: decisions. The border between the arms alone, as discretized output.")
    card.option_set.emit("answers", "classes", "")
    studio.click(card.options)


def _weight(studio: Studio, card: LensCard) -> None:
    """Hover a line, click it, type a number, undo."""
    studio.click(card.float_button)
    studio.settle(1.0)
    view, window = card.view, card.window()
    assert isinstance(view, DiagramView)
    edge = strongest(view)
    line = line_of(view.shown, edge, view.areas(QRectF(view.rect()))[0])
    place = line.pointAtPercent(0.5).toPoint()
    studio.hover(view, place)
    studio.take("hovered", "A window of its own: the line under the mouse, its ends and its weight.", window)
    studio.check("weight" in card.note.text(), f"the line under the mouse is told: {card.note.text()}")
    studio.click(view, place)
    studio.check(view.entry.isVisible(), "a click on a line opens a field with its weight")
    view.entry.selectAll()
    studio.type("2.5", on=view.entry)
    studio.take("typed", "A number is typed in place of the weight.", window)
    session = studio.window.session
    before, name = session.project, view.shown.names[edge.column - 1]
    studio.press("Return", on=view.entry)
    studio.settle(1.0)
    typed = str(session.project.main.nodes[name].params.get("weights", ""))
    studio.check("2.5" in typed, f"the weights of {name} in the drawing have the typed number")
    studio.take("by-hand", "The typed weight stands in the drawing; pictures of the older one are marked.")
    studio.window.activateWindow()
    studio.canvas.setFocus()
    studio.settle()
    studio.press("Ctrl+Z", on=studio.canvas)
    was = before.main.nodes[name]
    studio.check(session.project.main.nodes[name] == was, "Ctrl+Z takes it back")
    studio.click(card.float_button)
    studio.settle(0.5)


def strongest(view: DiagramView) -> Edge:
    """The largest weight of the last layer."""
    return [edge for edge in view.shown.edges() if edge.column == len(view.shown.columns) - 1][-1]


def _rewound(studio: Studio) -> None:
    """Back through the run by the bar at the foot of the canvas."""
    bar, controller = studio.canvas.time_bar, studio.window.controller
    losses = []
    for share in (0.1, 0.6):
        index = round(share * (bar.timeline.count - 1))
        studio.click(bar.timeline, QPoint(round(bar.timeline.x_of(index)), bar.timeline.height() // 2))
        studio.settle(1.0)
        at = controller.moments.chosen
        studio.check(at is not None and f"step {at:,}" in bar.words.text(), f"the bar shows step {at}")
        losses.append(studio.canvas.drawing.nodes["loss"].live)
        words = f"The time bar at step {at}: fields, diagram, loss and accuracy of that step."
        studio.take(f"rewound-to-{at}", words)
    studio.check(len(set(losses)) == 2, f"the loss on its node goes back too: {', '.join(losses)}")
    studio.click(bar.live)
