"""A text that holds too much is refused before anything is made of it; reading ends at enough problems."""

from __future__ import annotations

import contextlib
import gc
import json

import pytest

from engine.document import json_text
from engine.document.edits import EditError, fragment_from_text
from engine.document.json_reader import MOST_KEYS, MOST_PROBLEMS
from engine.document.json_text import MOST_VALUES, BrokenJsonError, parse
from engine.document.storage.file import ProjectFileError, from_bytes
from tests.engine.document.storage.json_files import main, problems, relu


@pytest.mark.parametrize("piece", [b"1,", b"[],", b"{},"])
def test_too_many_values_are_refused_before_the_text_is_read(piece: bytes, monkeypatch) -> None:
    monkeypatch.setattr(json_text.json, "loads", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(BrokenJsonError, match=f"at most {MOST_VALUES:,} lists, objects and entries"):
        parse(b"[" + piece * MOST_VALUES + b"1]")


def test_signs_in_texts_are_no_values(monkeypatch) -> None:
    monkeypatch.setattr(json_text, "MOST_VALUES", 8)
    text = json.dumps({"a": '[{,"\\,' * 100, "b,[": [1, 2], "\\": "]"})
    assert parse(text.encode()) == json.loads(text)
    with pytest.raises(BrokenJsonError, match="at most 8 lists"):
        parse(json.dumps([*range(9)]).encode())


def test_reading_ends_at_enough_problems() -> None:
    nodes = {f"n{number}": 5 for number in range(MOST_PROBLEMS + 10)}
    with pytest.raises(ProjectFileError) as caught:
        from_bytes(json.dumps(main(nodes=nodes)).encode())
    assert len(caught.value.problems) == MOST_PROBLEMS
    assert str(caught.value).splitlines()[-1] == f"… and at least {MOST_PROBLEMS - 20} more."
    assert len(str(caught.value).splitlines()) == 21


@pytest.mark.parametrize("field", ["nodes", "lenses", "parameters"])
def test_keys_that_stand_twice_are_listed_up_to_as_many(field: str) -> None:
    twice = ",".join(['"a": 1'] * (MOST_PROBLEMS + 5))
    with pytest.raises(ProjectFileError) as caught:
        from_bytes(f'{{"format": 2, "graphs": {{"main": {{"{field}": {{{twice}}}}}}}}}'.encode())
    assert len(caught.value.problems) <= MOST_PROBLEMS


def test_one_object_has_no_more_keys_than_a_graph_may_have_nodes() -> None:
    found = problems(main(nodes=dict.fromkeys(map(str, range(MOST_KEYS + 1)), 1)))
    assert found == {
        "$.graphs.main.nodes": f"Expected at most {MOST_KEYS:,} entries. Received {MOST_KEYS + 1}."
    }


def test_the_clipboard_is_read_in_the_same_bounds(monkeypatch) -> None:
    monkeypatch.setattr(json_text, "MOST_VALUES", 20)
    text = json.dumps({"kind": "layerloom-fragment", "nodes": {f"a{n}": relu() for n in range(20)}})
    with pytest.raises(EditError, match="at most 20 lists, objects and entries"):
        fragment_from_text(text)


def test_reading_leaves_garbage_collection_as_it_was() -> None:
    gc.enable()
    for data in (b"{", json.dumps(main(nodes={"a": relu()})).encode()):
        with contextlib.suppress(ProjectFileError):
            from_bytes(data)
        assert gc.isenabled()
    gc.disable()
    from_bytes(json.dumps(main(nodes={"a": relu()})).encode())
    assert not gc.isenabled()
