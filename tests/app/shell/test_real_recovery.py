"""The program is killed with unsaved edits; its next start offers them, and nothing on disk has changed."""

from __future__ import annotations

import pytest

from app.style import theme
from engine.document.storage import gallery
from engine.document.storage.file import load, save
from tests.app.screen import Program, Screen, is_painted, like, missing, wait_until


@pytest.fixture
def screen():
    lack = missing()
    if lack:
        pytest.fail(lack)
    with Screen() as screen:
        yield screen


def recovery_files(home) -> list:
    return list((home / "STATE").rglob("*.recovery"))


def middle(window, widget) -> tuple[float, float]:
    at = widget.mapTo(window, widget.rect().center())
    return at.x(), at.y()


def test_what_a_kill_interrupts_is_offered_at_the_next_start(window, qtbot, screen, tmp_path):
    path, home = tmp_path / "spiral.loom", tmp_path / "home"
    save(gallery.make("mlp-spiral"), path)
    before = path.read_bytes()
    home.mkdir()
    with Program(screen, home, "open", str(path)) as program:
        wait_until(lambda: is_painted(screen), 60, f"the window\n{program.output}")
        screen.keys("ctrl+a", "Delete")
        wait_until(lambda: recovery_files(home), 5, "the recovery file")
        program.process.kill()
        program.process.wait(10)
    assert path.read_bytes() == before
    window.gallery.refresh([("mlp-spiral", "a moment ago", None)])  # where the button will stand
    qtbot.wait(100)
    recover = middle(window, window.gallery.notices()[0].take)
    with Program(screen, home) as program:
        wait_until(lambda: is_button_at(screen, recover), 60, f"the offer\n{program.output}")
        screen.click(*recover)
        wait_until(lambda: is_painted(screen), 30, f"the drawing\n{program.output}")
        assert path.read_bytes() == before
        screen.keys("ctrl+s")
        wait_until(lambda: not load(path).main.nodes, 15, f"the saved edit\n{program.output}")
        wait_until(lambda: not recovery_files(home), 5, "the recovery file to go")
        screen.keys("ctrl+q")
        wait_until(lambda: program.process.poll() is not None, 30, "the end of the program")
        assert program.process.returncode == 0, program.output


def is_button_at(screen: Screen, place: tuple[float, float]) -> bool:
    """Whether a button in the accent stands at this place."""
    x, y = (round(part) for part in place)
    return bool(like(screen.grab()[y - 12 : y + 12, x - 30 : x + 30], theme.DARK.accent).sum() > 400)
