"""What the actions of the Run menu do: train, draw samples, show problems."""

from __future__ import annotations

from app.commands.command_window import CommandWindow
from app.commands.run_commands import RunCommands, can_train
from app.predict.panel import PredictDeclaration
from app.state.sample_draws import samplers_of
from app.state.session import View
from engine.report import Problem


class TrainingCommands:
    """Train the drawing; the commands on stored runs are `RunCommands`."""

    def __init__(self, window: CommandWindow, runs: RunCommands) -> None:
        self._window, self._runs = window, runs

    def play(self) -> None:
        if self._window.controller.is_active or can_train(self._window):
            self._window.controller.play()

    def pause(self) -> None:
        self._window.controller.pause()

    def stop(self) -> None:
        self._window.controller.stop()

    def step(self) -> None:
        if self._window.controller.is_active or can_train(self._window):
            self._window.controller.step()

    def slow_motion(self) -> None:
        """One training step, moment by moment, over the canvas."""
        self._window.workbench().canvas.slow_motion.open()

    def draw_samples(self) -> None:
        """The samplers that are selected draw; else the one that is on show large; else all."""
        session, panel = self._window.session, self._window.workbench().samples
        known = samplers_of(session.project)
        chosen = [path for path in map(session.path_of, sorted(session.selection)) if path in known]
        large = panel.target if panel is not None and panel.isVisible() else ""
        self._window.controller.draws.draw(chosen or ([large] if large else known))

    def predict(self) -> None:
        """Ask for data and show what the newest run says of them."""
        workbench = self._window.workbench()
        workbench.show_lower(PredictDeclaration.id)
        panel = workbench.made(PredictDeclaration)
        if panel is not None and panel.record() is not None:
            panel.choose_file()
        elif panel is not None:
            self._window.session.notify("Nothing is trained yet. Press Play first.", "warn")

    def on_run(self, what: str) -> None:
        self._runs.do(what)

    def problems(self) -> None:
        self._window.open_problems()

    def next_problem(self) -> None:
        problems = self._window.session.report.problems
        if problems:
            here = [
                at for at, problem in enumerate(problems) if problem.node in self._window.session.selection
            ]
            self.show_problem(problems[(here[-1] + 1) % len(problems) if here else 0])

    def show_problem(self, problem: Problem) -> None:
        """Select the node of a problem and bring it into view."""
        session = self._window.session
        if problem.graph != session.view.graph and problem.graph in session.project.graphs:
            inside = problem.path.rpartition(".")[0]
            session.show_graph(View(), *([View(problem.graph, inside)] if inside else []))
        if problem.node in session.graph.nodes:
            session.select(frozenset({problem.node}))
            self._window.workbench().canvas.reveal(problem.node)
