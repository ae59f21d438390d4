"""Pictures of the runs of a project: the list, curves over one another, two compared, two objectives.

The runs are made up; `tests.looks` takes the pictures.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.looks import Studio

NARROW, SIZE = (1000, 760), (1440, 900)


def run_screens(studio: Studio) -> None:
    """The list with runs of every fate; chosen ones with their curves; two compared; narrow."""
    from engine.document import edits
    from engine.document.project import MAIN
    from tests.stored_runs import example_runs, noisy, store

    window = studio.window
    window.files.open_template("lenet5-fashion")
    studio.wait(lambda: window.session.report.parameters > 0)
    # a name of its own: runs of pictures taken before are not to be listed here
    window.session.apply(edits.rename_project(window.session.project, "clothes"), "Rename")
    window.actions_.run("show_runs")
    studio.settle(0.6)
    studio.take("runs-empty")
    runs, project = window.files.runs_folder(), window.session.project
    now = datetime.now(UTC)
    folders = example_runs(runs, project, "objective", "accuracy", now)
    wide = edits.set_param(project, MAIN, "conv1", "out_channels", 12)
    wide = edits.set_param(wide, MAIN, "objective", "learning_rate", 5e-3)
    wide = edits.set_settings(wide, batch_size=128)
    folders.append(
        store(
            runs / "2026-01-05_10-00-00",
            wide,
            losses={"objective": noisy(1570, 0.25, 9)},
            metrics={"objective": 0.301, "accuracy": 0.889},
            name="batch of 128, twice the channels and a name that is far too long for its column",
            created=datetime(2026, 1, 5, 10, 0, tzinfo=UTC),
        )
    )
    window.run_list.opened()
    studio.wait(lambda: len(window.run_list.records) == len(folders))
    studio.take("runs-list")
    window.run_list.choose((folders[1], folders[3], folders[5]))
    studio.wait(lambda: all(window.run_list.curves(folder) is not None for folder in window.run_list.chosen))
    studio.take("runs-overlay")
    window.run_list.choose((folders[1],))
    studio.settle()
    studio.take("runs-one")
    window.resize(*NARROW)
    studio.settle()
    studio.take("runs-narrow")
    window.resize(*SIZE)
    window.run_list.choose((folders[1], folders[-1]))
    studio.settle()
    window.commands.runs.compare()
    studio.settle(0.6)
    studio.take("runs-compare")
    window.resize(*NARROW)
    studio.settle()
    studio.take("runs-compare-narrow")
    window.resize(*SIZE)
    window.workbench().runs_panel().show_list()
    menu = window.workbench().runs_panel().run_menu()
    menu.popup(window.mapToGlobal(window.rect().center()))
    studio.settle()
    studio.take("runs-menu", menu)
    menu.close()
    window.actions_.run("show_runs")


def objective_screens(studio: Studio) -> None:
    """Two objectives that work against each other, with the terms of one and a warning on the way."""
    from engine.messages.events import Finished, Progress, Started, Validated, Warned
    from tests.drawings import gan
    from tests.stored_runs import noisy

    window, steps = studio.window, 3000
    window.session.open(gan(), None)
    window.files.is_open = True
    window.show_drawing()
    studio.settle(0.6)
    judged, made = noisy(steps, 1.1, 1, 0.4), noisy(steps, 0.9, 2, 2.4)
    real, fake = noisy(steps, 0.5, 3, 0.2), noisy(steps, 0.6, 4, 0.2)
    told = {"judging": judged.tolist(), "making": made.tolist()}
    terms = {"judging/real_loss": real.tolist(), "judging/fake_loss": fake.tolist()}
    rates = {"judging": 2e-3, "making": 1e-3}
    every = list(range(1, steps + 1))
    controller = window.controller
    controller._clear()
    controller.project = window.session.project
    events = [
        Started("CPU", 162, 100, 40, 4000, 0),
        Progress(steps, 29, every, told, 88_000.0, 12.0, rates, {}, terms),
        Warned(1400, "judging: the gradient grew a hundredfold in 20 steps."),
        Validated(steps, 30, {"judging": 1.12, "making": 0.93}, {}),
    ]
    for event in events:
        controller._note(event)
    controller.events.emit(events)
    controller._set_state("running")
    studio.settle(0.6)
    studio.take("training-two-objectives")
    end = Finished("diverged", steps, 30, 42.0, {}, "judging: the loss is not a finite number at step 3,000.")
    controller._note(end)
    controller.events.emit([end])
    controller._set_state("finished")
    studio.settle()
    studio.take("training-failed")
    controller.forget()
