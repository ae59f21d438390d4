"""The style sheet and the palette of the whole program, made from the tokens of a theme.

One sheet for all Qt classes that are used; a widget chooses a variant by its dynamic property `role`. Colours
are only ever tokens.
"""

from __future__ import annotations

from importlib.resources import files
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.style import theme as themes
from app.style.theme import Theme


def mix(first: str, second: str, share: float) -> str:
    """The colour between two, `share` of the second."""
    a, b = QColor(first), QColor(second)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in parts)


def sheet(theme: Theme) -> str:
    """The style sheet for a theme."""
    template = Template(files("resources").joinpath("themes", "layerloom.qss").read_text("utf-8"))
    tokens = {name: value for name, value in vars(theme).items() if name != "name"}
    return template.substitute(
        tokens,
        hover=mix(theme.raised, theme.text, 0.06),
        pressed=mix(theme.raised, theme.window, 0.4),
        line_hover=mix(theme.hairline, theme.text, 0.25),
        accent_hover=mix(theme.accent, theme.on_accent, 0.12),
        grave=mix(theme.bad, theme.text, 0.1),
        grave_hover=mix(theme.bad, theme.text, 0.2),
        accent_pressed=mix(theme.accent, theme.window, 0.15),
        **_glyphs(theme),
    )


def _glyphs(theme: Theme) -> dict[str, str]:
    """Paths of the small drawings a style sheet can only take from files."""
    folder = files("resources").joinpath("icons")
    shade = theme.name if theme.name in ("dark", "light") else "dark"
    names = {
        "arrow": f"arrow-{shade}",
        "chevron": f"chevron-{shade}",
        "tick": "tick",
        "tick_text": f"tick-{shade}",
    }
    return {key: str(folder.joinpath(f"{name}.svg")).replace("\\", "/") for key, name in names.items()}


def palette(theme: Theme) -> QPalette:
    """The Qt palette for a theme: for what the style sheet does not reach (selections, links, item views)."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: theme.panel,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.raised,
        QPalette.ColorRole.AlternateBase: theme.panel,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Button: theme.raised,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.bad,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.LinkVisited: theme.accent,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.Light: theme.hairline,
        QPalette.ColorRole.Midlight: theme.hairline,
        QPalette.ColorRole.Mid: theme.hairline,
        QPalette.ColorRole.Dark: theme.window,
        QPalette.ColorRole.Shadow: theme.window,
        QPalette.ColorRole.Accent: theme.accent,
    }
    for role, value in roles.items():
        result.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return result


def install(app: QApplication, theme: Theme) -> None:
    """Dress the whole program: style, palette, sheet, font; then tell every listener of the theme."""
    if app.style().name() != "fusion":
        app.setStyle("fusion")
    app.setPalette(palette(theme))
    app.setFont(themes.sans(13))
    app.setStyleSheet(sheet(theme))
    themes.use(theme)
