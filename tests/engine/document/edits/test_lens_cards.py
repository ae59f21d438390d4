"""Cards of lenses in the document: added, changed, moved, closed, saved, and followed by edits of paths."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.document import edits
from engine.document.edits import EditError, check
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.lens_pins import lens_cards, pinned_lens
from engine.document.project import MAIN, LensPin, PixelPlace, PixelSize, Project
from engine.document.storage.file import ProjectFileError, from_bytes, load, save, to_bytes
from tests.drawings import lenet5

CARD = LensPin("kernels", "conv1", place="panel")


def with_cards(*cards: LensPin) -> Project:
    project = lenet5()
    for card in cards:
        project = edits.add_card(project, card)
    return project


def test_cards_are_added_changed_moved_and_closed() -> None:
    window = LensPin("feature_maps", "conv2", place="window", corner=PixelPlace(40, -20))
    project = with_cards(CARD, window)
    assert lens_cards(project) == (CARD, window)
    changed = edits.change_card(project, CARD, size=PixelSize(400, 300), options={"rows": 3}, sample=2)
    first = lens_cards(changed)[0]
    assert (first.size, first.options, first.sample) == ((400, 300), {"rows": 3}, 2)
    assert edits.change_card(changed, first, sample=2) is changed
    moved = edits.move_card(changed, first, window)
    assert lens_cards(moved) == (window, first)
    assert lens_cards(edits.remove_card(moved, window)) == (first,)
    with pytest.raises(EditError, match="a lens that is pinned"):
        edits.remove_card(moved, LensPin("kernels", "conv9", place="panel"))
    with pytest.raises(EditError, match="fields among kind"):
        edits.change_card(moved, window, colour="red")


def test_of_two_equal_cards_the_very_one_is_changed() -> None:
    project = with_cards(CARD, CARD)
    second = lens_cards(project)[1]
    changed = edits.change_card(project, second, sample=1)
    assert [card.sample for card in lens_cards(changed)] == [0, 1]
    assert [card.sample for card in lens_cards(edits.remove_card(changed, lens_cards(changed)[0]))] == [1]


def test_what_a_node_shows_and_its_cards_are_apart() -> None:
    project = edits.show_lens(with_cards(CARD), MAIN, "conv1", "histogram")
    assert pinned_lens(project.main, "conv1") == "histogram"
    assert lens_cards(project) == (CARD,)
    assert pinned_lens(edits.show_lens(project, MAIN, "conv1", "").main, "conv1") == ""
    assert lens_cards(edits.unpin_lens(project, MAIN, "kernels", "conv1")) == (CARD,)
    assert pinned_lens(edits.remove_card(project, CARD).main, "conv1") == "histogram"


def test_cards_follow_names_blocks_and_deletion() -> None:
    project = edits.rename_node(with_cards(CARD), MAIN, "conv1", "first")
    assert lens_cards(project)[0].target == "first"
    grouped, key = extract(project, MAIN, ["first", "tanh1"], "Front")
    assert lens_cards(grouped)[0].target == f"{key}.first"
    assert grouped.graphs["Front"].lenses == ()
    inner = edits.rename_node(grouped, "Front", "first", "begin")
    assert lens_cards(inner)[0].target == f"{key}.begin"
    outer, again = extract(inner, MAIN, [key], "Outer")
    assert lens_cards(outer)[0].target == f"{again}.{key}.begin"
    back, _ = unpack(unpack(outer, MAIN, again)[0], MAIN, key)
    assert lens_cards(back)[0].target == "begin"
    assert lens_cards(edits.remove_nodes(back, MAIN, ["begin"])) == ()
    assert lens_cards(edits.remove_nodes(inner, MAIN, [key])) == ()


def test_cards_are_saved_readably_and_read_again(tmp_path: Path) -> None:
    window = LensPin("maps", "conv2", {"rows": 2}, "window", 1, PixelSize(640, 480), PixelPlace(1930, -8))
    project = with_cards(CARD, window)
    save(project, tmp_path / "net.loom")
    assert lens_cards(load(tmp_path / "net.loom")) == (CARD, window)
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)
    written = json.loads((tmp_path / "net.loom").read_text("utf-8"))["graphs"]["main"]["lenses"]
    assert written == [
        {"kind": "kernels", "target": "conv1", "place": "panel"},
        {
            "kind": "maps",
            "target": "conv2",
            "options": {"rows": 2},
            "place": "window",
            "sample": 1,
            "size": [640, 480],
            "corner": [1930, -8],
        },
    ]


BAD = {
    "place": ("wall", "one of node, panel, window"),
    "sample": (-1, "a pinned sample from 0 to"),
    "size": (PixelSize(20_000, 10), "sides of at most 10,000 pixels"),
    "corner": (PixelPlace(0, 10**9), "a place within 1e"),
}


@pytest.mark.parametrize("field", BAD)
def test_what_cannot_be_is_refused_by_edits_and_by_reading(field: str) -> None:
    value, words = BAD[field]
    project = with_cards(CARD)
    with pytest.raises(EditError, match=words):
        edits.change_card(project, CARD, **{field: value})
    raw = json.loads(to_bytes(project))
    raw["graphs"]["main"]["lenses"][0][field] = value
    with pytest.raises(ProjectFileError, match=words):
        from_bytes(json.dumps(raw).encode())
    assert list(check.problems_of(project)) == []
