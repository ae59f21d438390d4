"""Icons of the window: every name that is asked for has a drawing, in the colour asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

import app
from app.widgets.icons import icon

NAMES = sorted(
    {
        name
        for path in Path(app.__file__).parent.rglob("*.py")
        for name in re.findall(r'"mdi6\.([a-z0-9-]+)"', path.read_text("utf-8"))
    }
)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn_in_its_colour_and_fainter_where_it_cannot_be_clicked(qapp, name):
    made = icon(name, "#ff8000")
    picture = made.pixmap(QSize(32, 32), 2.0).toImage()
    assert picture.width() == 64
    colours = [picture.pixelColor(x, y) for x in range(64) for y in range(64)]
    full = [colour for colour in colours if colour.alpha() == 255]
    assert full
    assert {colour.name() for colour in full} == {"#ff8000"}
    assert made.pixmap(17, 17, QIcon.Mode.Disabled).toImage() != made.pixmap(17, 17).toImage()
