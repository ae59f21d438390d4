"""Pictures of lenses: the list at a node, cards in their panel, one that is explained, one in a window."""

from __future__ import annotations

from typing import Any


def lens_screens(studio: Any) -> None:
    window = studio.window
    window.controller.shutdown()
    window.files.open_template("lenet5-fashion")
    session, workbench = window.session, window.workbench()
    studio.wait(lambda: session.report.parameters > 0 and workbench.training is not None)
    workbench.canvas.camera.fit()
    session.select(frozenset({"conv1"}))
    workbench.canvas.looking.open()
    studio.settle()
    studio.take("lenses-offer")
    workbench.canvas.looking.close()
    workbench.show_lens("conv1", workbench.canvas.looking.lenses("conv1")[0].kind)
    studio.settle()
    studio.take("lenses-untrained")
    window.commands.training.play()
    for node in ("conv1", "conv2", "linear1"):
        for lens in workbench.canvas.looking.lenses(node)[:3]:
            workbench.show_lens(node, lens.kind)
    panel = workbench.made(_declaration())
    studio.wait(lambda: window.controller.metrics, 240.0)
    window.commands.training.pause()
    studio.wait(lambda: window.controller.state == "paused")
    studio.settle(2.0)
    panel.area.verticalScrollBar().setValue(0)
    studio.settle()
    studio.take("lenses-docked")
    workbench.float_panel("lenses")
    studio.settle(2.0)
    dock = workbench.docks["lenses"]
    studio.take("lenses-floating", dock)
    panel.cards[0].about.setChecked(True)
    studio.settle()
    studio.take("lenses-explained", panel.cards[0])
    panel.cards[1].floated.emit()
    studio.settle(1.0)
    studio.take("lenses-window", panel.windows[panel.cards[1]])
    window.controller.shutdown()
    workbench.float_panel("lenses")
    dock.hide()


def _declaration() -> Any:
    from app.lens_cards.panel import LensCardsDeclaration

    return LensCardsDeclaration
