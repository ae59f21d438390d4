"""Loading says everything that is wrong with a file, and no file does more harm than that."""

from __future__ import annotations

import json
import time

import pytest

from engine.document.project import FORMAT
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from nodes import registry
from tests.engine.document.drawing import sample
from tests.engine.document.storage.json_files import main, problems, relu, wire


def test_all_problems_are_said_with_their_paths() -> None:
    found = problems(
        {
            "format": FORMAT,
            "name": 3,
            "extra": 1,
            "settings": {"epochs": "many"},
            "graphs": {
                "main": {
                    "nodes": {"a": {"layer": "relu", "params": [], "id": "b"}, "c": {}},
                    "wires": [{"source": ["a"], "target": ["c", 4]}],
                    "layout": {"positions": {"a": [0, "x"]}},
                }
            },
        }
    )
    assert set(found) == {
        "$.name",
        "$.extra",
        "$.settings.epochs",
        "$.graphs.main.nodes.a.params",
        "$.graphs.main.nodes.a.id",
        "$.graphs.main.nodes.c",
        "$.graphs.main.wires[0].source",
        "$.graphs.main.wires[0].target[1]",
        "$.graphs.main.layout.positions.a[1]",
    }


def test_what_the_drawing_breaks_is_said_with_its_path() -> None:
    nodes = {
        "conv1": {"layer": "conv2d", "params": {"kernel_size": 0, "strides": 1, "stride": "=s"}},
        "r1": relu(),
        "r2": relu(),
        "class": relu(),
        "b": {"layer": "block", "params": {"definition": "gone"}},
    }
    wires = [
        wire("r1.output", "r2.input"),
        wire("conv1.output", "r2.input"),
        wire("r1.exit", "r2.input"),
        wire("r1.output", "zz.input"),
    ]
    found = problems(main(nodes=nodes, wires=wires, layout={"positions": {"q": [0, 0], "r1": [1e9, 0]}}))
    assert set(found) == {
        "$.graphs.main.nodes.conv1.params.kernel_size",
        "$.graphs.main.nodes.conv1.params.strides",
        "$.graphs.main.nodes.conv1.params.stride",
        "$.graphs.main.nodes.class",
        "$.graphs.main.nodes.b.params.definition",
        "$.graphs.main.wires[1].target",
        "$.graphs.main.wires[2].source",
        "$.graphs.main.wires[3].target",
        "$.graphs.main.layout.positions.q",
        "$.graphs.main.layout.positions.r1",
    }
    assert all(sentence.startswith("Expected ") and "Received " in sentence for sentence in found.values())


def _nested(depth: int) -> dict:
    graphs: dict = {"main": {"nodes": {"a": {"layer": "block", "params": {"definition": "d0"}}}}}
    for number in range(depth):
        placed = {"layer": "block", "params": {"definition": f"d{number + 1}", "repeat": 10}}
        graphs[f"d{number}"] = {"nodes": {"a": placed if number < depth - 1 else relu()}}
    return {"format": FORMAT, "name": "A", "graphs": graphs}


def _text(raw: dict, old: str, new: str) -> bytes:
    return json.dumps(raw).replace(old, new).encode()


def _definition(**graph) -> dict:
    return {"format": FORMAT, "name": "A", "graphs": {"main": {}, "d": graph}}


def _circle(length: int) -> dict:
    placed = [
        {"layer": "block", "params": {"definition": f"d{(number + 1) % length}"}} for number in range(length)
    ]
    graphs = {f"d{number}": {"nodes": {"a": node}} for number, node in enumerate(placed)}
    return {"format": FORMAT, "name": "A", "graphs": {"main": {}, **graphs}}


HOSTILE: dict[str, bytes | dict] = {
    "nothing": b"",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "a list": b"[]",
    "a number": b"7",
    "truncated": to_bytes(sample())[:500],
    "deep lists": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000,
    "deep parameter": _text(
        main(nodes={"a": {"layer": "x", "params": {"p": 77}}}), "77", "[" * 900 + "]" * 900
    ),
    "long number": _text(main(nodes={"a": {"layer": "x", "params": {"p": 77}}}), "77", "9" * 10_000),
    "large number": main(nodes={"a": {"layer": "x", "params": {"p": 10**30}}}),
    "infinite": _text(main(layout={"positions": {"a": [77, 0]}}, nodes={"a": relu()}), "77", "1e999"),
    "nan": _text(main(layout={"positions": {"a": [77, 0]}}, nodes={"a": relu()}), "77", "NaN"),
    "half a surrogate": _text(main(nodes={"a": {"layer": "x", "params": {"p": "77"}}}), "77", "\\ud800"),
    "key twice": b'{"format": 2, "name": "A", "name": "B", "graphs": {"main": {}}}',
    "node twice": _text(main(nodes={"a": relu(), "zz": relu()}), '"zz"', '"a"'),
    "param twice": _text(main(nodes={"a": {"layer": "x", "params": {"p": {"q": 1, "r": 2}}}}), '"r"', '"q"'),
    "no main": {"format": FORMAT, "name": "A", "graphs": {"other": {}}},
    "main with a border": main(inputs=["x"]),
    "main with parameters": main(parameters={"x": 1}),
    "loop": main(
        nodes={"a": relu(), "b": relu()}, wires=[wire("a.output", "b.input"), wire("b.output", "a.input")]
    ),
    "own input": main(nodes={"a": relu()}, wires=[wire("a.output", "a.input")]),
    "same wire twice": main(
        nodes={"a": relu(), "b": {"layer": "concat"}}, wires=[wire("a.output", "b.input")] * 2
    ),
    "recursion": {
        "format": FORMAT,
        "name": "A",
        "graphs": {"main": {}, "d": {"nodes": {"a": {"layer": "block", "params": {"definition": "d"}}}}},
    },
    "places main": main(nodes={"a": {"layer": "block", "params": {"definition": "main"}}}),
    "deep definitions": _nested(500),
    "many copies": _nested(10),
    "huge repeat": main(nodes={"a": {"layer": "block", "params": {"repeat": 10**15}}}),
    "negative size": main(layout={"frames": {"f": {"title": "", "x": 0, "y": 0, "width": -1, "height": 1}}}),
    "bad parameter name": {
        "format": FORMAT,
        "name": "A",
        "graphs": {"main": {}, "d": {"parameters": {"i": 1}}},
    },
    "bad default": {"format": FORMAT, "name": "A", "graphs": {"main": {}, "d": {"parameters": {"w": "=2"}}}},
    "same port twice": {"format": FORMAT, "name": "A", "graphs": {"main": {}, "d": {"inputs": ["x", "x"]}}},
    "bad definition name": {"format": FORMAT, "name": "A", "graphs": {"main": {}, "a.b": {}}},
    "expression bomb": {
        "format": FORMAT,
        "name": "A",
        "graphs": {
            "main": {},
            "d": {"nodes": {"a": {"layer": "conv2d", "params": {"stride": "=" + "-" * 400 + "1"}}}},
        },
    },
    "a long circle of definitions": _circle(1500),
    "many ports": _definition(inputs=[f"x{number}" for number in range(100_000)]),
    "many wrong parameters": main(
        nodes={"a": {"layer": "conv2d", "params": {f"p{number}": 1 for number in range(100_000)}}}
    ),
    "many entries": main(wires=[0] * 600_000),
    "wrong definition": main(nodes={"a": {"layer": "block", "params": {"definition": {"": {}}}}}),
    "wire order": main(nodes={"a": relu(), "b": relu()}, wires=[wire("a.output", "b.input", order=2**70)]),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_files_give_the_one_error_quickly(name: str) -> None:
    start = time.thread_time()
    found = problems(HOSTILE[name])
    assert time.thread_time() - start < 2
    for path, sentence in found.items():
        assert path == "" or path.startswith("$")
        assert sentence.startswith("Expected ")
        assert len(sentence) < 500


@pytest.mark.parametrize("depth", range(900, 1010, 3))
def test_depth_is_refused_wherever_it_is_noticed(depth: int) -> None:
    """Python's own limit lies somewhere here, for reading as for quoting what was read."""
    for layer in ("x", "conv2d"):
        raw = main(nodes={"a": {"layer": layer, "params": {"stride": 77}}}, name=78)
        assert problems(_text(raw, "77", "[" * depth + "]" * depth))
        assert problems(_text(raw, "78", '{"a":' * depth + "1" + "}" * depth))


def test_the_message_lists_twenty_problems_and_counts_the_rest() -> None:
    nodes = {f"n{number}": {"layer": "conv2d", "params": {"stride": 0}} for number in range(40)}
    with pytest.raises(ProjectFileError) as caught:
        from_bytes(json.dumps(main(nodes=nodes)).encode())
    assert len(caught.value.problems) == 40
    assert str(caught.value).splitlines()[-1] == "… and 20 more."


def test_old_names_of_layers_are_looked_for_in_nodes_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.RENAMED, "rectifier", "relu")
    nodes = {"a": 5, "b": {"layer": 7}, "c": {"layer": "rectifier"}}
    with pytest.raises(ProjectFileError) as refused:
        from_bytes(json.dumps({"format": 2, "graphs": {"main": {"nodes": nodes}}}).encode())
    places = [path for path, _ in refused.value.problems]
    assert [place.startswith("$.graphs.main.nodes.a") for place in places] == [True, False]
    assert places[1].startswith("$.graphs.main.nodes.b")


def test_a_format_1_layout_that_is_no_object_is_refused_at_its_place() -> None:
    main = {"nodes": {"a": {"layer": "relu", "x": 1, "y": 2}}, "layout": [3]}
    with pytest.raises(ProjectFileError) as refused:
        from_bytes(json.dumps({"format": 1, "graphs": {"main": main}}).encode())
    assert [path for path, _ in refused.value.problems] == ["$.graphs.main.layout"]


def test_more_values_than_a_project_has_are_counted_before_they_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.document.json_text.MOST_VALUES", 1000)
    with pytest.raises(ProjectFileError, match="Expected at most 1,000 lists"):
        from_bytes(b'{"format": 1, "extra": [' + b"1," * 2000 + b"1]}")
    from_bytes(to_bytes(sample()))
