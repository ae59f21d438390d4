"""Declares the panel in which the lesson of a project is read and written, between palette and canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.panels.declaration import Panel, PanelContext, PanelPlace
from engine.document.project import Project

if TYPE_CHECKING:
    from app.lessons.lesson_panel import LessonPanel


class LessonDeclaration(Panel["LessonPanel"]):
    id = "lesson"
    title = "Lesson"
    menu_title = "lesson"
    place = PanelPlace.INNER_LEFT
    shortcut = "Ctrl+9"
    extent = 272
    order = 15
    search_words = "hide toggle panel course steps teach tutorial learn teacher"
    shown_at_first = False
    floating_size = (380, 620)

    def suits(self, project: Project) -> bool:
        return bool(project.lesson.steps)

    def make(self, context: PanelContext) -> LessonPanel:
        from app.lessons.lesson_panel import LessonPanel

        return LessonPanel(context.session, context.controller)
