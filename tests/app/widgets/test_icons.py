"""Icons of the window: each is drawn in the colour asked for, and used."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

import app
import resources
from app.widgets.icons import icon

FOLDER = Path(resources.__file__).parent / "icons"
NAMES = sorted(path.stem for path in FOLDER.glob("*.svg") if 'viewBox="0 0 24 24"' in path.read_text("utf-8"))
WORDS = "\n".join(path.read_text("utf-8") for path in Path(app.__file__).parent.rglob("*.py"))


def test_no_icon_lies_there_unused():
    assert [name for name in NAMES if f'"{name}"' not in WORDS] == []


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
