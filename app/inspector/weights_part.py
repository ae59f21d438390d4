"""The weights of a layer as matrices that a person fills: by hand, from a kernel, or from a run.

Shows what the drawing gives, tells what was changed as values of parameters, and edits nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.inspector.weights_grid import NumbersGrid
from app.widgets.background_task import BackgroundTask
from app.widgets.buttons import Chip, IconButton, LinkButton, QuietButton
from app.widgets.flow import ChipFlow
from app.widgets.menus import Menu
from app.widgets.section import Heading, Section
from app.widgets.text import ElidedLabel, Label, body
from engine.document.project import Project
from nodes.param import Param
from nodes.shared.card_label import by
from nodes.shared.fixed_kernels import KERNELS
from nodes.shared.given_weights import LONGEST, Numbers, held, written
from nodes.spec import LayerError
from nodes.user_error import UserError

MOST_SHOWN = LONGEST // 2
"""Weights of one layer that are shown as matrices: more cannot be written down."""
Shapes = dict[str, tuple[int, ...]]


class WeightsPart(Section):
    """One tensor at a time; of a tensor with more than two dimensions one matrix, such as a kernel."""

    given = Signal(dict, str)  # values of parameters, and what was done
    told = Signal(str, str)  # a sentence and its kind

    def __init__(self) -> None:
        super().__init__()
        self.shapes: Shapes = {}
        self.numbers: Numbers = {}
        self.chosen, self.place = "", 0
        self._declared: Mapping[str, Param[Any]] = {}
        self._source: tuple[Path | None, Project, str] | None = None
        self.heading = Heading("Initial weights")
        self.open = LinkButton("Edit")
        self.heading.row.addSpacing(8)
        self.heading.row.addWidget(self.open)
        self.tensors, self.buttons = QWidget(), QWidget()
        self.chips: dict[str, Chip] = {}
        self.where = ElidedLabel("", role="faint")
        self.before = IconButton("chevron-left", "Previous matrix of this tensor")
        self.after = IconButton("chevron-right", "Next matrix of this tensor")
        self.grid = NumbersGrid()
        self.message = Label("")
        self.message.setWordWrap(True)
        self.message.setProperty("role", "bad")
        self.hint = body("Random before training. Type a number to set this tensor by hand.")
        self.kernels = QuietButton("Kernels")
        self.alike = QuietButton("All alike")
        self.take = QuietButton("From the run")
        self.random = QuietButton("Random again")
        self._work = BackgroundTask("take weights", _taken, self)
        self._build()
        self._connect()
        self.unfold(False)

    def _build(self) -> None:
        self.kernels.setToolTip("Put a kernel of image processing into the middle of this matrix")
        self.alike.setToolTip("Give every matrix of this tensor the numbers of this one")
        self.take.setToolTip("Copy the weights of the run into the drawing: a run begins with them")
        self.random.setToolTip("Draw this tensor at random before training, as without numbers by hand")
        self._names = ChipFlow(self.tensors)
        steps, buttons = QHBoxLayout(), ChipFlow(self.buttons)
        steps.addWidget(self.where, 1)
        for button in (self.before, self.after):
            button.setFixedSize(22, 22)
            steps.addWidget(button)
        for widget in (self.heading, self.tensors):
            self.add(widget)
        self.column.addLayout(steps)
        for widget in (self.grid, self.message, self.hint):
            self.add(widget)
        for one in (self.kernels, self.alike, self.take, self.random):
            buttons.addWidget(one)
        self.add(self.buttons)

    def _connect(self) -> None:
        self.open.clicked.connect(lambda: self.unfold(not self.is_unfolded))
        self.before.clicked.connect(lambda: self._step(-1))
        self.after.clicked.connect(lambda: self._step(1))
        self.grid.held.edited.connect(self._edited)
        self.grid.held.refused.connect(self._refuse)
        self.kernels.clicked.connect(self._offer_kernels)
        self.alike.clicked.connect(self._make_alike)
        self.random.clicked.connect(self._forget)
        self.take.clicked.connect(self._take)
        self._work.answered.connect(self._answered)
        self._work.failed.connect(self._not_taken)

    # What is shown ---------------------------------------------------------------------------------

    @property
    def is_unfolded(self) -> bool:
        return self.open.text() == "Close"

    def unfold(self, on: bool) -> None:
        """Show the matrices, or the heading alone."""
        self.open.setText("Close" if on else "Edit")
        self._write()

    def show_weights(
        self, shapes: Shapes, params: Mapping[str, Any], declared: Mapping[str, Param[Any]]
    ) -> None:
        """The tensors of a layer, and what its parameters give."""
        self.shapes, self._declared = shapes, declared
        self._refuse("")
        try:
            self.numbers = held(params, declared, shapes) if self._are_few() else {}
        except LayerError as error:
            self.numbers = {}
            self._refuse(str(error))
        if self.chosen not in shapes:
            self.chosen, self.place = next(iter(shapes), ""), 0
        self.place = min(self.place, self._count() - 1)
        self._write()

    def take_from(self, folder: Path | None, project: Project, path: str) -> None:
        """Where the weights of the run are, and of which node."""
        self._source = (folder, project, path)
        self.take.setEnabled(folder is not None)

    def _are_few(self) -> bool:
        return sum(math.prod(shape) for shape in self.shapes.values()) <= MOST_SHOWN

    def _matrix(self) -> tuple[int, int]:
        """Rows and columns of one matrix of the chosen tensor."""
        shape = self.shapes.get(self.chosen, ())
        return (shape[-2] if len(shape) > 1 else 1, shape[-1] if shape else 1)

    def _count(self) -> int:
        """How many matrices the chosen tensor has."""
        return max(math.prod(self.shapes.get(self.chosen, ())[:-2]), 1)

    def _write(self) -> None:
        few, shown = self._are_few(), self.is_unfolded
        given = [name for name in self.shapes if name in self.numbers]
        count = sum(math.prod(shape) for shape in self.shapes.values())
        note = "too many to write down" if not few else f"{', '.join(given)} by hand" if given else "random"
        self.heading.note.setText(f"{count:,} · {note}")
        self.open.setVisible(few)
        is_shown = shown and few
        for widget in (self.tensors, self.grid, self.buttons):
            widget.setVisible(is_shown)
        is_given = self.chosen in self.numbers
        self.hint.setVisible(is_shown and not is_given)
        self.message.setVisible(bool(self.message.text()))
        if not is_shown:
            for widget in (self.where, self.before, self.after):
                widget.hide()
            return
        self._write_chips()
        rows, columns = self._matrix()
        several = self._count() > 1
        for widget in (self.where, self.before, self.after):
            widget.setVisible(several)
        self.where.setText(f"Matrix {self.place + 1:,} of {self._count():,}{self._indices()}")
        start, size = self.place * rows * columns, rows * columns
        numbers = self.numbers[self.chosen][start : start + size] if is_given else None
        self.grid.show_numbers(numbers, rows, columns)
        self.kernels.setVisible(len(self.shapes[self.chosen]) == 4 and min(rows, columns) >= 3)
        self.alike.setVisible(several)
        self.random.setEnabled(is_given)

    def _write_chips(self) -> None:
        if list(self.chips) != list(self.shapes):
            for chip in self.chips.values():
                self._names.removeWidget(chip)
                chip.hide()
                chip.deleteLater()
            self.chips = {}
            for name in self.shapes:
                chip = self.chips[name] = Chip(name)
                chip.setCheckable(True)
                chip.clicked.connect(partial(self.choose, name))
                self._names.addWidget(chip)
                chip.show()
        for name, chip in self.chips.items():
            chip.setChecked(name == self.chosen)
            chip.setToolTip(f"{name}, {by(self.shapes[name]) or 'one number'}")

    def _indices(self) -> str:
        """Which output and input channel a kernel belongs to, and so on: the indices of the matrix."""
        found, rest = [], self.place
        for size in reversed(self.shapes[self.chosen][:-2]):
            found.append(str(rest % size))
            rest //= size
        return f" · [{', '.join(reversed(found))}]"

    def choose(self, name: str, _checked: bool = False) -> None:
        """Show this tensor."""
        self.chosen, self.place = name, 0
        self._refuse("")
        self._write()

    def _step(self, by_: int) -> None:
        self.place = (self.place + by_) % self._count()
        self._write()

    def _refuse(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))

    # What is changed -------------------------------------------------------------------------------

    def _present(self) -> list[float]:
        """The numbers of the chosen tensor; zeros where it is random."""
        return list(self.numbers.get(self.chosen, (0.0,) * math.prod(self.shapes[self.chosen])))

    def _edited(self, row: int, column: int, rows: Sequence[Sequence[float]]) -> None:
        numbers, (tall, wide) = self._present(), self._matrix()
        start = self.place * tall * wide
        for down, line in enumerate(rows):
            for across, number in enumerate(line):
                numbers[start + (row + down) * wide + column + across] = number
        self._give({**self.numbers, self.chosen: tuple(numbers)}, f"Set {self.chosen}")

    def _offer_kernels(self) -> None:
        menu = Menu(self)
        for name in KERNELS:
            menu.add(name.replace("_", " ").capitalize(), partial(self.put_kernel, name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.kernels.mapToGlobal(self.kernels.rect().bottomLeft()))

    def put_kernel(self, name: str) -> None:
        """A 3×3 kernel in the middle of the matrix on show, zeros around it."""
        rows, columns = self._matrix()
        values = [[0.0] * columns for _ in range(rows)]
        for down, line in enumerate(KERNELS[name]):
            for across, number in enumerate(line):
                values[(rows - 3) // 2 + down][(columns - 3) // 2 + across] = float(number)
        self._edited(0, 0, values)

    def _make_alike(self) -> None:
        size = math.prod(self._matrix())
        one = self._present()[self.place * size : (self.place + 1) * size]
        self._give({**self.numbers, self.chosen: tuple(one * self._count())}, f"Set {self.chosen}")

    def _forget(self) -> None:
        left = {name: numbers for name, numbers in self.numbers.items() if name != self.chosen}
        self._give(left, f"Draw {self.chosen} at random")

    def _give(self, numbers: Numbers, words: str) -> None:
        try:
            texts = written(numbers, self._declared, self.shapes)
        except LayerError as error:
            self._refuse(str(error))
            return
        self._refuse("")
        self.given.emit(texts, words)

    def _take(self) -> None:
        if self._source is not None:
            self.take.setEnabled(False)
            self._work.ask((*self._source, dict(self.shapes)))

    def _answered(self, question: Any, answer: Any) -> None:
        self.take.setEnabled(True)
        if self._source is None or question[2] != self._source[2]:
            return  # another node is shown by now
        numbers, words = answer
        if numbers:
            self._give({**self.numbers, **numbers}, "Take the weights of the run")
            self.told.emit(words, "info")
        else:
            self._refuse(words)

    def _not_taken(self, _question: object, words: str) -> None:
        """Reading the run went wrong in a way that nobody expects."""
        self.take.setEnabled(True)
        self._refuse(words)


def _taken(question: tuple[Path, Project, str, Shapes]) -> tuple[Numbers, str]:
    """The numbers of a node from the newest weights of a run, and what to say of it."""
    from engine.runs.checkpoints import start_of
    from engine.weights.taken import taken

    folder, project, path, shapes = question
    try:
        point = start_of(folder)
        if point is None:
            return {}, "Expected weights that the run has kept. Received none yet."
        numbers = taken(point.path, project, path, shapes)
    except UserError as error:
        return {}, str(error)
    return numbers, f"{path} begins with the weights of step {point.step:,}."
