"""A drawing that learns nothing shows its truth table, and says that there is nothing to train."""

from __future__ import annotations

from app.inspector.answers_part import AnswersPart
from app.inspector.inspector import Inspector
from app.state.run_controller import RunController
from app.state.session import Session
from app.training.training import TrainingPanel
from engine.document import edits
from engine.document.storage import gallery
from engine.infer import infer
from engine.lens.table import answers

XOR = """x1  x2  →  xor
0   0   →  0
0   1   →  1
1   0   →  1
1   1   →  0"""


def opened(session: Session, name: str) -> None:
    session.open(gallery.make(name), None)
    session.set_report(infer(session.project))


def part_of(inspector: Inspector) -> AnswersPart:
    return inspector.summary.answers


def test_the_table_of_every_unit_set_by_hand() -> None:
    for name, said in (
        ("threshold-and", [0, 0, 0, 1]),
        ("threshold-or", [0, 1, 1, 1]),
        ("xor-by-hand", [0, 1, 1, 0]),
    ):
        table = answers(gallery.make(name))
        assert table is not None
        assert [row[-1] for row in table.rows] == said
        assert table.given == 2
    assert answers(gallery.make("perceptron-and")) is None
    assert answers(gallery.make("mlp-spiral")) is None


def test_it_stands_in_the_summary_and_follows_the_drawing(
    inspector: Inspector, session: Session, qtbot
) -> None:
    part = part_of(inspector)
    assert not part.isVisible()
    opened(session, "xor-by-hand")
    qtbot.waitUntil(part.isVisible)
    assert part.table.text() == XOR
    project = edits.set_param(session.project, "main", "linear", "weights", "1 -1")
    session.apply(project, "Change weights")
    session.set_report(infer(project))
    qtbot.waitUntil(lambda: part.table.text().endswith("1   1   →  1"))
    opened(session, "mlp-spiral")
    assert not part.isVisible()
    part._reading.wait()


def test_the_training_panel_says_that_nothing_is_learned(
    session: Session, controller: RunController, qtbot
) -> None:
    panel = TrainingPanel(session, controller)
    qtbot.addWidget(panel)
    panel.show()
    opened(session, "threshold-and")
    assert panel.empty.title.text() == "Nothing to train"
    opened(session, "perceptron-and")
    assert panel.empty.title.text() == "Not trained yet"
