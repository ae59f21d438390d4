"""Transformer Explainer: a typed text, attention by stage and head, the table of what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from tests.tours.card_windows import back, in_window, point, set_number
from tests.tours.studio import Studio

if TYPE_CHECKING:
    from app.lens_cards.card import LensCard
    from app.lenses.distribution.view import DistributionView
    from app.lenses.painters.sequences.attention_matrix import Matrix
    from app.lenses.painters.sequences.attention_view import AttentionView

TYPED = "there she blows! the white whal"


def tour(studio: Studio) -> None:
    studio.open_gallery("attention-moby")
    studio.take(
        "drawing", "A transformer of one layer as the gallery opens it, with pictures of fresh weights."
    )
    studio.train(lambda: studio.step >= 300)
    studio.pause()
    card = studio.look("attention", "attention")
    studio.shown(card)
    studio.take("docked", "Attention in the Lenses panel and in the inspector, after 300 steps.")
    type_a_text(studio, card)
    stages(studio, card)
    other_pictures(studio, card)
    table(studio)


def type_a_text(studio: Studio, card: LensCard) -> None:
    from app.lens_pins.panel import PinsDeclaration

    studio.canvas.setFocus()
    studio.press("Ctrl+J", on=studio.canvas)
    page = studio.window.workbench().made(PinsDeclaration)
    assert page is not None
    studio.click(page.strip.tries)
    before = card.frame
    studio.type(TYPED, on=page.strip.text)
    pins = studio.window.controller.pins
    studio.wait(lambda: pins.words().startswith("typed"), what="the typed text")
    studio.wait(lambda: card.frame is not before and card.sample == pins.words(), what="its attention")
    studio.settle(1.0)
    studio.take("typed", "Try it: a text is typed, shorter than a sample; every picture answers.")
    view = cast("AttentionView", card.view)
    assert view.reading is not None
    keys = view.reading.keys
    told = "".join(keys.short(place) for place in range(keys.count))[-len(TYPED) :]
    studio.check(told == TYPED.replace(" ", "␣"), f"the last keys are the typed text: {told}")


def stages(studio: Studio, card: LensCard) -> None:
    window = in_window(studio, card, 760, 880)
    view = cast("AttentionView", card.view)
    said = {"products": "QKᵀ", "scaled": "divided by √d", "masked": "masked", "weights": "softmax, by row"}
    for stage, words in said.items():
        studio.click(view.stages.buttons[stage])
        studio.take(f"stage-{stage}", f"Head 1 of 4: {words}.", window)
    reading = view.reading
    assert reading is not None
    sums = reading.weights.sum(axis=2)
    studio.check(np.allclose(sums, 1.0, atol=1e-3), "each row of the softmax of every head adds up to 1")
    hidden = np.triu(np.ones(reading.weights.shape[1:], bool), 1)
    studio.check((reading.weights[:, hidden] == 0.0).all(), "no position takes anything from those behind it")
    sheet, area = cast("Matrix", view.canvas.sheet), QRectF(view.canvas.rect())
    plot, size = sheet.plot(area), reading.weights.shape[1]
    at = QPointF(plot.left() + 50.5 * plot.width() / size, plot.top() + 55.5 * plot.height() / size)
    point(studio, view.canvas, at)
    studio.take("hover", "The mouse on a cell: its row and column, and its way through all stages.", window)
    studio.check(sheet.words(at, area), f"the cell is told: {sheet.words(at, area)}")
    first = view.told.text()
    studio.click(view.next)
    studio.check(view.told.text() != first, f"an arrow leads from {first} to {view.told.text()}")


def other_pictures(studio: Studio, card: LensCard) -> None:
    view = cast("AttentionView", card.view)
    window = studio.lenses.windows[card]
    studio.click(view.modes.buttons["lines"])
    studio.take("lines", "Lines between tokens, the stronger the more is taken.", window)
    point(studio, view.canvas, QPointF(100.0, view.canvas.height() - 40.0))
    studio.take(
        "lines-hover", "The mouse on a token: its lines alone, and how much it takes of each.", window
    )
    studio.click(view.modes.buttons["heads"])
    studio.take("heads", "All heads of the layer.", window)
    back(studio, card)


def table(studio: Studio) -> None:
    card = studio.look("output", "distribution")
    studio.shown(card)
    window = in_window(studio, card, 640, 640)
    view = cast("DistributionView", card.view)
    assert view.table is not None
    before = view.table
    studio.take("table", "The next character after the typed text: logit, logit / T, softmax.", window)
    studio.check(abs(before.softmax.sum() - 1.0) < 1e-6, "the softmax over all characters adds up to 1")
    set_number(studio, view.form, "temperature", "0.3")
    assert view.table is not None
    studio.check(view.table.softmax[0] > before.softmax[0], "a low temperature makes the likeliest likelier")
    set_number(studio, view.form, "top_k", "5")
    set_number(studio, view.form, "temperature", "2")
    set_number(studio, view.form, "top_p", "0.8")
    studio.take("table-set", "Temperature 2, top-k 5 and top-p 0.8, with the sums of the first row.", window)
    studio.check(view.table.kept_by_k == 5, "top-k keeps five")
    final = view.table.final
    studio.check(final[0] > 0 and abs(final.sum() - 1.0) < 1e-6, "what may be drawn adds up to 1")
