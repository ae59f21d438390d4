"""Pictures of lessons: a step to read, questions, a check of the drawing, and the form to write one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from app.lessons.lesson_panel import LessonPanel
    from tests.looks import Studio


def lesson_screens(studio: Studio) -> None:
    window = studio.window
    window.files.open_template("lesson-lenet")
    studio.wait(lambda: window.session.report.parameters > 0)
    studio.wait(lambda: window.workbench().training is not None)
    panel = cast("LessonPanel", window.workbench().docks["lesson"].widget())
    studio.settle()
    studio.take("lesson-read")
    panel.state.go(1)
    assert panel.view is not None
    field = panel.view.rows[0].field
    assert field is not None
    field.setText("150")
    field.returnPressed.emit()
    studio.settle()
    studio.take("lesson-question")
    panel.state.go(2)
    panel.view.hint_button.click()
    studio.settle()
    studio.take("lesson-task")
    panel.edit()
    studio.settle()
    studio.take("lesson-edit")
    panel._read_again()
    window.files.open_template("lesson-gan")
    studio.wait(lambda: window.session.report.parameters > 0)
    panel.state.go(1)
    panel.view.rows[0].choices[0].click()
    panel.view.rows[1].choices[1].click()
    studio.settle()
    studio.take("lesson-choices")
