"""The look as far as numbers say it: contrast of text, every token known, every picture there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QPalette

from app.style import style_sheet, theme
from app.style.theme import DARK, LIGHT


def luminance(colour: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    tint = QColor(colour)
    return 0.2126 * linear(tint.redF()) + 0.7152 * linear(tint.greenF()) + 0.0722 * linear(tint.blueF())


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_text_can_be_read(tokens):
    for ground in (tokens.panel, tokens.canvas, tokens.window):
        assert contrast(tokens.text, ground) >= 4.5
        assert contrast(tokens.muted, ground) >= 4.5
    assert contrast(tokens.faint, tokens.panel) >= 3.0


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda tokens: tokens.name)
def test_the_sheet_has_only_known_tokens_and_files_that_exist(tokens):
    sheet = style_sheet.sheet(tokens)
    assert not re.search(r"\$\w", sheet.replace("A $name", ""))
    paths = re.findall(r'url\("([^"]+)"\)', sheet)
    assert paths
    assert all(Path(path).is_file() for path in paths)


def test_a_theme_reaches_the_program_at_once(qapp):
    heard = []

    def hear():
        heard.append(theme.current().name)

    theme.changed.connect(hear)
    try:
        style_sheet.install(qapp, LIGHT)
        assert qapp.palette().color(QPalette.ColorRole.WindowText) == QColor(LIGHT.text)
        assert LIGHT.accent in qapp.styleSheet()
        assert heard == ["light"]
    finally:
        theme.changed.disconnect(hear)
        style_sheet.install(qapp, DARK)


def test_the_bundled_fonts_are_there(qapp):
    families = QFontDatabase.families()
    assert "Inter" in families
    assert "JetBrains Mono" in families
