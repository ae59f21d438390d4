"""The gallery as a person uses it: by mouse, by keys alone, searched, from section to section."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from app.gallery import course_progress
from app.gallery.gallery_card import outline, outline_of_template, title_of_data
from app.state import settings
from engine.document.storage import gallery as gallery_of_projects
from engine.document.storage.file import save
from nodes.data_sets.registry import data_sets


def click(qtbot, widget) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_it_starts_with_the_gallery(window):
    assert window.gallery.isVisible()
    assert not window.shows_drawing
    assert not window.topbar.play.isVisible()
    assert window.windowTitle() == "Layerloom"


def test_a_card_opens_its_project(window, qtbot):
    card = next(card for card in window.gallery.cards if card.template.name == "lenet5-fashion")
    click(qtbot, card)
    assert window.shows_drawing
    assert window.session.project.name == "lenet5-fashion"
    assert window.topbar.project.text() == "lenet5-fashion"
    assert window.topbar.play.isVisible()
    qtbot.waitUntil(lambda: window.session.report.parameters == 61_706, timeout=20_000)


def test_enter_opens_the_card_with_the_focus(window, qtbot):
    card = window.gallery.cards[0]
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Return)
    assert window.shows_drawing


def test_the_gallery_by_keys_alone(window, qtbot):
    gallery = window.gallery

    def press(key: Qt.Key) -> None:
        qtbot.keyClick(window.focusWidget(), key)

    gallery.setFocus()
    press(Qt.Key.Key_Down)
    assert gallery.cards[0].hasFocus()
    press(Qt.Key.Key_Right)
    assert gallery.cards[1].hasFocus()
    press(Qt.Key.Key_Down)
    below = next(card for card in gallery.cards if card.hasFocus())
    assert below.x() == gallery.cards[1].x()
    assert below.y() > gallery.cards[1].y()
    press(Qt.Key.Key_End)
    last = gallery.cards[-1]
    assert last.hasFocus()
    assert not last.visibleRegion().isEmpty()
    for letter in "contractive":
        qtbot.keyClicks(window.focusWidget(), letter)
    assert gallery.search.text() == "contractive"
    shown = [card for card in gallery.cards if card.isVisible()]
    assert [card.template.name for card in shown] == ["autoencoder-contractive"]
    press(Qt.Key.Key_Down)
    assert shown[0].hasFocus()
    press(Qt.Key.Key_Escape)
    assert gallery.search.text() == ""
    qtbot.keyClicks(window.focusWidget(), "spiral")
    press(Qt.Key.Key_Return)
    assert window.shows_drawing
    assert window.session.project.name == "mlp-spiral"


def test_a_chip_goes_to_its_section_and_a_section_counts_its_cards(window, qtbot):
    gallery = window.gallery
    chip, section = gallery.chips[-3], gallery.sections[-3]
    assert chip.text() == section.title
    click(qtbot, chip)
    top = section.mapTo(gallery.area.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < 120
    assert section.cards[0].hasFocus()
    assert section.count.text() == str(len(section.cards))
    qtbot.keyClicks(gallery.search, "wasserstein")
    assert section.count.text() == f"1 of {len(section.cards)}"


def test_the_gallery_is_searched(window, qtbot):
    qtbot.keyClicks(window.gallery.search, "contractive fashion")
    shown = [card.template.name for card in window.gallery.cards if card.isVisible()]
    assert shown == ["autoencoder-contractive"]
    qtbot.keyClicks(window.gallery.search, " qq")
    assert not any(card.isVisible() for card in window.gallery.cards)
    window.gallery.search.clear()
    assert all(card.isVisible() for card in window.gallery.cards)


def test_a_recent_project_can_be_read_and_opened(window, qtbot, tmp_path):
    path = tmp_path / "mine.loom"
    save(gallery_of_projects.make("mlp-spiral"), path)
    settings.add_recent(path)
    window.gallery.refresh()
    (row,) = window.gallery.recent_rows()
    lines = row.findChildren(QLabel)
    qtbot.waitUntil(lambda: row.width() < 300 and all(row.rect().contains(line.geometry()) for line in lines))
    assert all(line.height() >= line.fontMetrics().height() for line in lines)
    click(qtbot, row)
    assert window.session.path == path


def test_cards_fill_their_row_where_two_fit(window, qtbot):
    window.resize(1180, 720)
    section = window.gallery.sections[0]

    def unused() -> int:
        return section.width() - 1 - max(card.geometry().right() for card in section.cards)

    qtbot.waitUntil(lambda: 560 < section.width() < 872 and 0 <= unused() <= 2)


def test_the_drawing_of_a_card_is_that_of_the_project_and_laid_out_once(qapp):
    name = "mlp-spiral"
    held, fresh = outline_of_template(name), outline(gallery_of_projects.make(name))
    assert (held.cards, held.frames) == (fresh.cards, fresh.frames)
    assert [course for course, _ in held.wires] == [course for course, _ in fresh.wires]
    assert outline_of_template(name) is held


def test_the_course_goes_on_behind_what_was_opened_last(window, qtbot):
    gallery = window.gallery
    going_on = gallery.continue_here
    assert going_on.heading.text() == "Begin here"
    assert going_on.name == gallery.cards[0].template.name
    opened = next(card for card in gallery.cards if card.template.name == "fit-line")
    following = gallery.cards[gallery.cards.index(opened) + 1]
    assert opened.state.text() == ""
    window.files.open_template("fit-line")
    window.show_gallery()
    assert going_on.heading.text() == f"Continue here · 1 of {len(gallery.cards)} opened"
    assert going_on.title.text().endswith(following.template.title)
    assert opened.state.text() == "Opened"
    assert opened.accessibleName() == "Open Fit a line (opened)"
    click(qtbot, going_on.open)
    assert window.session.project.name == following.template.name
    window.show_gallery()
    assert going_on.heading.text().startswith("Continue here · 2 of")


def test_what_was_trained_to_its_end_is_marked(window, qtbot):
    window.files.open_template("fit-line")
    window.commands.training.play()
    qtbot.waitUntil(lambda: window.controller.state == "finished", timeout=60_000)
    window.show_gallery()
    card = next(card for card in window.gallery.cards if card.template.name == "fit-line")
    assert card.state.text() == "Trained"
    assert course_progress.progress().trained == ("fit-line",)


def test_the_course_ends_where_all_was_opened(window):
    for card in window.gallery.cards:
        course_progress.note_opened(card.template.name)
    window.gallery.refresh()
    assert not window.gallery.continue_here.isVisibleTo(window.gallery)


def test_pictures_are_drawn_of_cards_in_sight(window, qtbot):
    gallery = window.gallery
    qtbot.waitUntil(lambda: not gallery.is_drawing, timeout=20_000)
    drawn = [card for card in gallery.cards if card.picture.drawing is not None]
    assert gallery.cards[0] in drawn
    assert len(drawn) < len(gallery.cards) / 2
    last = gallery.cards[-1]
    gallery.area.ensureWidgetVisible(last)
    qtbot.waitUntil(lambda: last.picture.drawing is not None, timeout=20_000)


def test_a_card_says_what_training_takes_and_reaches(window):
    card = next(card for card in window.gallery.cards if card.template.name == "retina")
    about = card.template
    assert about.seconds > 0
    words = f"Retina · {about.parameters:,} parameters · {about.seconds} s to train · {about.reaches}"
    assert card.accessibleDescription() == f"{about.description} {words}"
    shown = [label.text() for label in card.findChildren(QLabel)]
    assert f"{about.seconds} s to train · {about.reaches}" in shown
    assert "Retina" in shown


def test_cards_name_data_by_their_titles_and_are_found_by_them(window):
    named = {card.template.name: title_of_data(card.template) for card in window.gallery.cards}
    sets = {one.title for one in data_sets().values()} | {"Noise"}
    assert set(named.values()) <= sets
    assert named["autoencoder-fashion"] == "Fashion-MNIST"
