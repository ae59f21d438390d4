"""Pictures of every screen and panel, in both themes: `python -m tests.looks OUT`. Made offscreen, by acting.

`--scale 2` takes them at twice the resolution (the whole set by default is at 1, with the main screens at 2).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from tests.app.lens_cards.lens_looks import lens_screens
from tests.app.lessons.lesson_looks import lesson_screens
from tests.looks_data import data_screens
from tests.looks_predict import predict_screens
from tests.looks_runs import objective_screens, run_screens
from tests.looks_samples import sample_screens

SIZE = (1440, 900)
AT_TWO = ("workbench-training", "runs-overlay", "plan-objective", "data-columns")


@contextmanager
def own_home() -> Iterator[None]:
    """Settings and files of these pictures only."""
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = str(Path(home, kind.lower()))
        yield


class Studio:
    """One window that is brought into each state and photographed."""

    def __init__(self, out: Path, suffix: str, only: tuple[str, ...]) -> None:
        from app.shell import startup
        from app.shell.window import Window
        from app.state.appearance import Appearance

        self.out, self.suffix, self.only = out, suffix, only
        self.app = startup.make_application()
        self.appearance = Appearance(self.app)
        self.window = Window(self.appearance)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.activateWindow()
        self.window.session.notified.disconnect(self.window.toasts.tell)

    def wait(self, until: Callable[[], object], longest: float = 90.0) -> None:
        """Let the program work until something is so."""
        end = perf_counter() + longest
        while not until():
            if perf_counter() > end:
                raise TimeoutError("the window did not get there")
            self.app.processEvents()
            sleep(0.003)
        self.settle()

    def settle(self, seconds: float = 0.35) -> None:
        end = perf_counter() + seconds
        while perf_counter() < end:
            self.app.processEvents()
            sleep(0.003)

    def take(self, name: str, widget: Any = None) -> None:
        """A picture of the window (or of a dialog) in both themes."""
        if self.only and name not in self.only:
            return
        for theme in ("dark", "light"):
            self.appearance.choose(theme)
            self.settle(0.15)
            (widget or self.window).grab().save(str(self.out / f"{name}-{theme}{self.suffix}.png"))
        self.appearance.choose("dark")
        self.settle(0.1)

    def close(self) -> None:
        self.window.files.close()
        self.window.close()


def gallery_screens(studio: Studio) -> None:
    from engine.document.project import Project

    window = studio.window
    studio.wait(lambda: not window.gallery.is_drawing)  # the pictures of the cards come one by one
    studio.settle()
    studio.take("gallery")
    window.gallery.refresh([("resnet-notes", "12 minutes ago", None)])
    studio.settle()
    studio.take("gallery-recovery")
    window.gallery.refresh()
    window.session.open(Project(), None)
    window.files.is_open = True
    window.show_drawing()
    studio.wait(lambda: window.workbench().training is not None)
    studio.take("canvas-empty")


def drawing_screens(studio: Studio) -> None:
    window = studio.window
    window.files.open_template("lenet5-fashion")
    studio.wait(lambda: window.session.report.parameters > 0)
    studio.take("workbench-untrained")
    for name in ("data", "conv1", "linear1", "loss", "objective"):
        if name in window.session.graph.nodes:
            window.session.select(frozenset({name}))
            studio.settle()
            studio.take(f"inspector-{name}")
    window.session.select(frozenset(window.session.graph.nodes))
    studio.settle()
    studio.take("inspector-several")
    window.session.select(frozenset())


def training_screens(studio: Studio) -> None:
    window = studio.window
    window.controller.pin(10)
    window.session.select(frozenset({"conv1"}))
    window.commands.training.play()
    studio.wait(lambda: len(window.controller.metrics) > 0, 240.0)
    studio.settle(2.0)
    studio.take("workbench-training")
    window.commands.training.pause()
    studio.wait(lambda: window.controller.state == "paused")
    studio.take("workbench-paused")
    window.session.select(frozenset())
    studio.settle()
    studio.take("summary")
    window.controller.shutdown()
    studio.settle()
    studio.take("workbench-stopped")


def floating_screens(studio: Studio) -> None:
    window = studio.window
    window.commands.view.command_palette()
    studio.settle()
    studio.take("search-everything")
    window._command_palette.line.setText("conv")
    studio.settle()
    studio.take("search-everything-typed")
    window._command_palette.close_up()
    window.commands.edit.add_layer()
    studio.settle()
    studio.take("search-layer")
    window.workbench().canvas.search.box.close_box()
    window.workbench().palette_panel.search.setText("norm")
    studio.settle()
    studio.take("palette-search")
    window.workbench().palette_panel.search.clear()
    for menu in ("File", "View"):
        picture_of_menu(studio, menu)
    window.toasts.tell("Saved lenet5-fashion.loom", "good")
    window.toasts.tell(
        "The run failed at step 812: the loss is not a number. Lower the learning rate.", "bad"
    )
    studio.settle()
    studio.take("toasts")
    window.toasts.clear()


def picture_of_menu(studio: Studio, name: str) -> None:
    whole = studio.window.topbar.menu_button.menu()
    menu = next(action.menu() for action in whole.actions() if action.text() == name)
    menu.popup(studio.window.mapToGlobal(studio.window.rect().center()))
    studio.settle()
    studio.take(f"menu-{name.lower()}", menu)
    menu.close()


def problem_screens(studio: Studio) -> None:
    from engine.document import edits
    from engine.document.project import MAIN

    window, session = studio.window, studio.window.session
    project = edits.set_param(session.project, MAIN, "conv2", "kernel_size", 20)
    wire = next(wire for wire in project.main.wires if wire.target.node == "objective")
    session.apply(edits.disconnect(project, MAIN, wire), "Break it")
    studio.wait(lambda: bool(session.report.errors))
    studio.take("problems-on-canvas")
    window.commands.training.problems()
    studio.settle()
    studio.take("problems")
    window._problems.close_up()
    session.select(frozenset({"conv2"}))
    studio.settle()
    studio.take("inspector-problem")
    session.undo()
    studio.wait(lambda: not session.report.errors)


def narrow_screens(studio: Studio) -> None:
    window = studio.window
    window.resize(1000, 760)
    window.session.select(frozenset({"conv1"}))
    studio.settle()
    studio.take("narrow")
    window.session.select(frozenset())
    studio.settle()
    studio.take("narrow-nothing-selected")
    window.resize(*SIZE)
    studio.settle()


def dialog_screens(studio: Studio) -> None:
    from app.commands.about import about_text
    from app.widgets import dialogs
    from app.widgets.dialogs import Dialog, DialogChoice

    window = studio.window
    save = (
        DialogChoice("discard", "Discard"),
        DialogChoice("cancel", "Cancel"),
        DialogChoice("save", "Save", primary=True),
    )
    shown = {
        "dialog-save": Dialog(
            window,
            "Save changes to lenet5-fashion?",
            "What you changed since the last save would be lost.",
            save,
        ),
        "dialog-about": Dialog(
            window, "About Layerloom", about_text(), (DialogChoice("close", "Close", primary=True),)
        ),
        "dialog-shortcuts": dialogs.listing(
            window, "Keyboard shortcuts", window.commands.help.shortcut_sections()
        ),
    }
    for name, dialog in shown.items():
        dialog.show()
        studio.settle()
        studio.take(name, dialog)
        dialog.close()
        dialog.deleteLater()


def training_plan_screens(studio: Studio) -> None:
    """A drawing with two objectives: the light of one, a definition in its tab, its border, the step plan."""
    from engine.document import edits
    from engine.document.edits import border
    from engine.document.project import INPUT, MAIN
    from tests.drawings import gan

    window, session = studio.window, studio.window.session
    drawing = edits.move(edits.rename_project(gan(), "gan-circle"), MAIN, GAN_PLACES)
    for name in ("maker", "judge"):
        row = ("linear1", "relu1", "linear2")
        drawing = edits.move(drawing, name, {key: (168 * at, 0) for at, key in enumerate(row)})
    window.controller.shutdown()
    window.controller.run = None  # the run of the pictures before is of another project
    window.controller.forget()
    session.open(drawing, None)
    window.show_drawing()
    studio.wait(lambda: session.step_plan is not None and session.step_plan.objective_steps)
    window.workbench().canvas.camera.fit()
    studio.settle()
    studio.take("plan-step-plan")
    session.select(frozenset({"making"}))
    studio.settle()
    studio.take("plan-objective")
    session.show_tab("judge")
    studio.settle()
    studio.take("plan-definition-light")
    session.set_spotlight("")
    session.apply(border.add_port(session.project, "judge", INPUT, "condition"), "Add input")
    studio.settle()
    studio.take("plan-border")
    session.undo()
    session.show_tab(MAIN)
    session.select(frozenset({"real"}))
    studio.settle()
    studio.take("plan-network-selected")
    session.select(frozenset())


GAN_PLACES = {
    "noise": (0, 0), "make": (192, 0), "fake": (384, 0), "fool_loss": (624, -40), "making": (832, -40),
    "data": (0, 240), "real": (384, 240), "fake_loss": (624, 88), "real_loss": (624, 240),
    "judging": (832, 200), "ones": (384, 400), "zeros": (384, 120),
}  # fmt: skip


SCREENS = (
    gallery_screens,
    drawing_screens,
    training_screens,
    floating_screens,
    problem_screens,
    narrow_screens,
    training_plan_screens,
    dialog_screens,
    run_screens,
    objective_screens,
    sample_screens,
    data_screens,
    predict_screens,
    lesson_screens,
    lens_screens,
)


def photograph(out: Path, suffix: str, only: tuple[str, ...]) -> None:
    """Every screen, or only those named, in this process' scale."""
    with own_home():
        studio = Studio(out, suffix, only)
        try:
            for screens in SCREENS:
                screens(studio)
                if only and all((out / f"{name}-dark{suffix}.png").exists() for name in only):
                    break
        finally:
            studio.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of every screen.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.scale != 1:
        os.environ["QT_SCALE_FACTOR"] = str(asked.scale)
    photograph(asked.out, f"@{asked.scale}x" if asked.scale != 1 else "", tuple(asked.only))
    if asked.scale == 1 and not asked.only:
        again = [sys.executable, "-m", "tests.looks", str(asked.out), "--scale", "2", "--only", *AT_TWO]
        return subprocess.run(again, check=False).returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
