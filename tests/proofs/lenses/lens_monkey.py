"""Random opening, closing, editing and training with lenses open: lens_monkey [--minutes M] [--seed S].

The real window, with garbage collected as often as there is any (`gc.set_threshold(1)`). Prints what was
done, what went wrong and the slope of the memory over the second half; ends with 1 where an error or a
warning of Qt came, a card of a deleted node says nothing of it, or memory grows by more than 1 MB a minute.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from PySide6.QtCore import QEvent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.lens_cards.cards_panel import LensCardsPanel
    from app.shell.window import Window

PROJECTS = ("cnn-digits", "mlp-spiral", "gan-2d-ring", "lstm-from-gates", "attention-moby", "xor-by-hand")
LAYERS = ("relu", "linear", "batch_norm1d", "dropout", "tanh", "softmax")
HARMLESS = ("This plugin does not support propagateSizeHints()", "This plugin does not support raise()")
"""What Qt says of windows without a screen."""
STEEPEST = 1.0
"""MB a minute."""
MOST_CARDS = 8
EVERY = 0.5
"""Seconds from one note of the memory to the next."""


class Monkey:
    """One window, and what is done to it."""

    def __init__(self, application: QApplication, window: Window, seed: int) -> None:
        self.application, self.window, self.random = application, window, random.Random(seed)
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (2, self.open_project),
            (8, self.select),
            (14, self.look),
            (6, self.close_card),
            (4, self.float_card),
            (4, self.set_option),
            (3, self.rename),
            (4, self.delete),
            (6, self.undo),
            (3, self.redo),
            (3, self.add),
            (8, self.play),
            (4, self.pause),
            (3, self.stop),
            (6, self.move_time),
            (4, self.pin_sample),
            (2, self.slow_motion),
            (2, self.theme),
        )

    def act(self) -> None:
        """One random act, and what follows from it."""
        (_, act) = self.random.choices(self.acts, [weight for weight, _ in self.acts])[0]
        self.done[act.__name__] += 1
        try:
            act()
            self.settle(self.random.choice((0.0, 0.02, 0.1, 0.3)))
            self.check()
        except Exception:  # noqa: BLE001 - whatever it is, it is a fault
            self.note(f"{act.__name__}: {traceback.format_exc()}")

    def settle(self, seconds: float) -> None:
        end = monotonic() + seconds
        while True:
            self.application.processEvents()
            self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as a running program does
            gc.collect(0)
            if monotonic() >= end:
                return
            sleep(0.005)

    def note(self, words: str) -> None:
        if words not in self.wrong:
            self.wrong.append(words)
            print(f"WRONG {words}", file=sys.stderr, flush=True)

    def check(self) -> None:
        """Cards are those of the project; one of a node that is gone says so."""
        from app.lens_cards.offered import target_at
        from engine.document.lens_pins import lens_cards

        panel, project = self.panel, self.window.session.project
        if [card.pin for card in panel.cards] != list(lens_cards(project)):
            self.note("cards differ from those of the project")
        for card in panel.cards:
            is_gone = target_at(project, card.pin.target) is None
            if is_gone and card.isVisible() and not card.visibleRegion().isEmpty():
                panel.feed.refresh()
                if "is not in the drawing any more" not in card.empty.text() or card.empty.isHidden():
                    self.note(f"the card {card.heading} says nothing of its node, which is gone")

    @property
    def panel(self) -> LensCardsPanel:
        from app.lens_cards.panel import LensCardsDeclaration

        panel = self.window.workbench().made(LensCardsDeclaration)
        assert panel is not None
        return panel

    # Acts ------------------------------------------------------------------------------------

    def open_project(self) -> None:
        self.window.files.open_template(self.random.choice(PROJECTS))
        self.settle(0.3)

    def select(self) -> None:
        nodes = sorted(self.window.session.graph.nodes)
        self.window.session.select(frozenset({self.random.choice(nodes)} if nodes else ()))

    def look(self) -> None:
        self.select()
        looking = self.window.workbench().canvas.looking
        looking.open()
        self.application.processEvents()
        if looking.box is None:
            return
        kinds = [lens.kind for lens in looking.lenses(looking.subject())]
        if kinds and self.random.random() < 0.9 and len(self.panel.cards) < MOST_CARDS:
            looking.box.chosen.emit(self.random.choice(kinds))
        looking.close()

    def close_card(self) -> None:
        if self.panel.cards:
            self.random.choice(self.panel.cards).close_button.click()

    def float_card(self) -> None:
        if self.panel.cards:
            self.random.choice(self.panel.cards).float_button.click()

    def set_option(self) -> None:
        from nodes.param import Int

        cards = [card for card in self.panel.cards if card.lens is not None and card.lens.params]
        if not cards:
            return
        card = self.random.choice(cards)
        assert card.lens is not None
        name, param = self.random.choice(sorted(card.lens.params.items()))
        if isinstance(param, Int):
            card.option_set.emit(name, self.random.randint(1, 12), "")

    def rename(self) -> None:
        from engine.document import edits

        session = self.window.session
        if not session.graph.nodes:
            return
        node, name = self.random.choice(sorted(session.graph.nodes)), f"node{self.random.randrange(10_000)}"
        graph = session.view.graph
        session.attempt(lambda project: edits.rename_node(project, graph, node, name), "Rename")

    def delete(self) -> None:
        self.select()
        self.window.commands.edit.delete()

    def undo(self) -> None:
        for _ in range(self.random.randint(1, 4)):
            self.window.commands.edit.undo()

    def redo(self) -> None:
        self.window.commands.edit.redo()

    def add(self) -> None:
        self.window.workbench().canvas.add_layer(self.random.choice(LAYERS))

    def play(self) -> None:
        self.window.commands.training.play()
        self.settle(self.random.choice((0.1, 0.5, 1.0)))

    def pause(self) -> None:
        self.window.commands.training.pause()

    def stop(self) -> None:
        self.window.commands.training.stop()

    def move_time(self) -> None:
        timeline = self.window.workbench().canvas.time_bar.timeline
        if timeline.count:
            timeline.setValue(self.random.randrange(timeline.count))
            timeline.scrubbed.emit(timeline.value())

    def pin_sample(self) -> None:
        from engine.messages.pinned import HeldSample

        pins = self.window.controller.pins
        if pins.samples and self.random.random() < 0.4:
            pins.remove(self.random.choice(pins.samples))
        else:
            pins.add((HeldSample(self.random.randrange(40)),))

    def slow_motion(self) -> None:
        slow = self.window.workbench().canvas.slow_motion
        slow.open()
        self.settle(0.3)
        for _ in range(self.random.randint(0, 6)):
            slow.step(self.random.choice((1, 1, -1)))
            self.application.processEvents()
        if self.random.random() < 0.7:
            slow.close()

    def theme(self) -> None:
        self.window.commands.view.choose_theme(self.random.choice(("dark", "light")))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lens_monkey", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home, kind.lower()))
        return _play(asked.minutes, asked.seed)


def _play(minutes: float, seed: int) -> int:
    application, window, monkey = _opened(seed)
    memory: list[tuple[float, float]] = []
    process, begun, told = psutil.Process(), monotonic(), 0
    while (now := monotonic() - begun) < 60 * minutes:
        monkey.act()
        if not memory or now - memory[-1][0] >= EVERY:
            memory.append((now, process.memory_info().rss / 1e6))
        if now // 60 > told:
            told = int(now // 60)
            print(f"minute {told}: {memory[-1][1]:.0f} MB, {monkey.done.total():,} acts", flush=True)
    window.controller.shutdown()
    window.files.close()
    window.close()
    window.deleteLater()
    application.processEvents()
    slope = _slope(memory)
    found = {
        "seed": seed,
        "minutes": minutes,
        "acts": dict(monkey.done),
        "wrong": monkey.wrong,
        "first_mb": round(memory[0][1]),
        "last_mb": round(memory[-1][1]),
        "slope_mb_per_minute": round(slope, 2),
    }
    print(json.dumps(found, indent=2))
    return int(bool(monkey.wrong) or slope > STEEPEST)


def _opened(seed: int) -> tuple[Any, Window, Monkey]:
    """A window with a project and all its panels, in which every error and warning is noted."""
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    from app.shell import startup
    from app.shell.window import Window
    from app.state import warmup
    from app.state.appearance import Appearance
    from app.widgets import dialogs

    application = startup.make_application()
    warmup.load_panels()
    warmup.load_engine()
    vars(dialogs)["ask"] = lambda *words: "stop" if "training" in str(words[1]) else "discard"
    vars(dialogs)["tell"] = lambda *_: None
    window = Window(Appearance(application))
    window.resize(1440, 900)
    window.show()
    startup.collect_here(window)
    gc.set_threshold(1)
    monkey = Monkey(application, window, seed)

    def heard(kind: QtMsgType, _where: object, words: str) -> None:
        if kind != QtMsgType.QtDebugMsg and not any(harmless in words for harmless in HARMLESS):
            monkey.note(f"Qt: {words}")

    qInstallMessageHandler(heard)
    sys.excepthook = lambda _kind, error, trace: monkey.note(
        "".join(traceback.format_exception(None, error, trace))
    )
    threading.excepthook = lambda args: monkey.note(
        "".join(traceback.format_exception(None, args.exc_value, args.exc_traceback))
    )
    window.files.open_template(PROJECTS[0])
    end = monotonic() + 60
    while window.workbench().training is None and monotonic() < end:
        monkey.settle(0.1)
    window.workbench().show_lens("conv1", "feature_maps")
    monkey.settle(1.0)
    return application, window, monkey


def _slope(memory: list[tuple[float, float]]) -> float:
    """MB a minute over the second half, by least squares."""
    half = [each for each in memory if each[0] >= memory[-1][0] / 2]
    times, sizes = np.array(half).T
    return float(np.polyfit(times / 60.0, sizes, 1)[0]) if len(half) > 2 else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
