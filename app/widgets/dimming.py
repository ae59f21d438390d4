"""A widget that stands back: what it shows is there and is not what counts now."""

from __future__ import annotations

from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget

_OPACITY = 0.5


def set_dimmed(widget: QWidget, on: bool) -> None:
    """Paint a widget with half of its strength, or as it is."""
    if on == is_dimmed(widget):
        return
    effect = None
    if on:
        effect = QGraphicsOpacityEffect(widget)
        effect.setOpacity(_OPACITY)
    widget.setGraphicsEffect(effect)  # type: ignore[arg-type]


def is_dimmed(widget: QWidget) -> bool:
    return widget.graphicsEffect() is not None
