"""Projects that are too large, too deep or odd in a part: inferred, refused or trained in bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from engine.document.edits import fragment_from_text
from tests.hostile.case import Case
from tests.hostile.kinds.projects_values import written

Raw = dict[str, Any]
_MANY = 60_000
"""Nodes, so that a file of them with wires and places is within its bound."""


def project(nodes: Raw, wires: list[Raw] | None = None, **graphs: Raw) -> Raw:
    """The JSON of a project with these nodes and wires on `main`, and definitions."""
    return {"format": 2, "name": "p", "graphs": {"main": {"nodes": nodes, "wires": wires or []}, **graphs}}


def wire(source: str, target: str, order: int = 0) -> Raw:
    """A wire between ends such as "a.output"; between the first ports of many layers where none are named."""
    ends = (source if "." in source else f"{source}.output", target if "." in target else f"{target}.input")
    return {"source": ends[0].split("."), "target": ends[1].split("."), **({"order": order} if order else {})}


def layers(count: int, make: Callable[[int], Raw]) -> Raw:
    """Nodes of these layers."""
    return {f"n{number}": make(number) for number in range(count)}


def row(count: int, make: Callable[[int], Raw], **data: Any) -> Raw:
    """Layers in a row behind noise, or behind this layer."""
    source = data or {"layer": "noise", "params": {"shape": [4]}}
    wires = [wire("source", "n0"), *(wire(f"n{number - 1}", f"n{number}") for number in range(1, count))]
    return project({"source": source, **layers(count, make)}, wires)


def _relu(_: int) -> Raw:
    return {"layer": "relu"}


def _linear(number: int) -> Raw:
    return {"layer": "linear", "params": {"out_features": number + 1}}


# Many nodes -----------------------------------------------------------------------------------------------


def _circle() -> Raw:
    raw = row(_MANY, _relu)
    raw["graphs"]["main"]["wires"][0] = wire(f"n{_MANY - 1}", "n0")
    return raw


def _into_one(layer: str, port: str) -> Raw:
    noise = {"layer": "noise", "params": {"shape": [4]}}
    nodes = {
        "all": {"layer": layer},
        **layers(20_000, lambda _: noise),
    }
    return project(nodes, [wire(f"n{number}", f"all.{port}", number) for number in range(20_000)])


def _ports_of_unknown() -> Raw:
    nodes = {"all": {"layer": "no.such"}, **layers(_MANY, _relu)}
    return project(nodes, [wire(f"n{number}", f"all.p{number}") for number in range(_MANY)])


def _losses(objectives: int) -> Raw:
    """Losses that nobody reads beside a trained one, all fed by one data set."""
    nodes: Raw = {
        "source": {"layer": "data", "params": {"dataset": "circle"}},
        "linear": _linear(1),
        **layers(20_000, lambda _: {"layer": "cross_entropy"}),
        **{f"o{number}": {"layer": "objective"} for number in range(objectives)},
    }
    wires = [wire("source.input", "linear")]
    for number in range(20_000):
        wires += [wire("linear", f"n{number}.logits"), wire("source.target", f"n{number}.label")]
    wires += [wire(f"n{number}.loss", f"o{number}.loss") for number in range(objectives)]
    return project(nodes, wires)


def _data(number: int) -> Raw:
    return {"layer": "data", "params": {"dataset": "csv-file", "path": f"/no/such/{number}.csv"}}


_LARGE: dict[str, tuple[Callable[[], Raw], str]] = {
    "100,000 nodes": (lambda: project(layers(100_000, _relu)), "Draw fewer nodes.*100,000"),
    "60,000 nodes in a row": (lambda: row(_MANY, _relu), "Draw fewer nodes.*60,001"),
    "25,000 nodes in a row": (lambda: row(25_000, _relu), "25001 nodes"),
    "25,000 loose nodes": (lambda: project(layers(25_000, _relu)), "and 24,980 more"),
    "25,000 different layers in a row": (lambda: row(25_000, _linear), "too large to infer"),
    "a circle": (_circle, "drawing without loops"),
    "100,000 unknown layers": (
        lambda: project(layers(100_000, lambda number: {"layer": f"x.y{number}"})),
        "Draw fewer nodes",
    ),
    "25,000 unknown layers": (
        lambda: project(layers(25_000, lambda number: {"layer": f"x.y{number}"})),
        "and 24,980 more",
    ),
    "25,000 long unknown layers": (
        lambda: project(layers(25_000, lambda number: {"layer": "conv2d" * 30 + str(number)})),
        "and 24,980 more",
    ),
    "wires into one sum": (lambda: _into_one("add", "input"), "20001 nodes"),
    "wires into one concatenation": (
        lambda: _into_one("concat", "input"),
        "20001 nodes",
    ),
    "wires into an unknown layer": (_ports_of_unknown, "Draw fewer|Expected"),
    "losses without objective": (partial(_losses, 1), "too many"),
    "losses with objectives": (partial(_losses, 9_000), "too many"),
    "25,000 data sets without a file": (lambda: project(layers(25_000, _data)), "more"),
    "25,000 outputs of one name": (
        lambda: row(25_000, lambda _: {"layer": "output", "params": {"name": "y"}}),
        "Expected",
    ),
    "25,000 samplers": (lambda: project(layers(25_000, lambda _: {"layer": "sampler"})), "more"),
    "25,000 faults with fixes": (
        lambda: project(
            {
                "source": {"layer": "noise", "params": {"shape": [4]}},
                **layers(25_000, lambda _: {"layer": "conv2d"}),
            },
            [wire("source", f"n{number}") for number in range(25_000)],
        ),
        "and 24,980 more",
    ),
}


def _large() -> Iterator[Case]:
    for name, (make, answer) in _LARGE.items():
        refuses = name == "a circle"
        yield Case(
            "large drawings", name, written(make), answer, exits=(2,) if refuses else (0, 2), seconds=4.0
        )


# Repeats --------------------------------------------------------------------------------------------------


def definition(placed: str, count: int = 1, **params: Any) -> Raw:
    """A definition that places another one so many times in a row."""
    nodes = layers(count, lambda _: {"layer": "block", "params": {"definition": placed, **params}})
    wires = [{"source": ["@in", "x"], "target": ["n0", "x"]}]
    wires += [wire(f"n{number - 1}.y", f"n{number}.x") for number in range(1, count)]
    wires += [{"source": [f"n{count - 1}", "y"], "target": ["@out", "y"]}]
    return {"nodes": nodes, "wires": wires, "inputs": ["x"], "outputs": ["y"], "parameters": {"n": 2}}


def leaf() -> Raw:
    """A definition that holds a ReLU."""
    wires = [
        {"source": ["@in", "x"], "target": ["r", "input"]},
        {"source": ["r", "output"], "target": ["@out", "y"]},
    ]
    nodes = {"r": {"layer": "relu"}}
    return {"nodes": nodes, "wires": wires, "inputs": ["x"], "outputs": ["y"], "parameters": {"n": 2}}


def nested(depth: int, count: int = 1, **params: Any) -> Raw:
    """Definitions in each other, each placing the next so many times, with noise before the outermost."""
    graphs = {"d0": leaf(), **{f"d{k}": definition(f"d{k - 1}", count, **params) for k in range(1, depth)}}
    nodes = {
        "source": {"layer": "noise", "params": {"shape": [4]}},
        "top": {"layer": "block", "params": {"definition": f"d{depth - 1}", **params}},
    }
    return project(nodes, [wire("source", "top.x")], **graphs)


_REPEATS: dict[str, Callable[[], Raw]] = {
    "999 × 999": partial(nested, 2, repeat=999),
    "99 × 99 × 99": partial(nested, 3, repeat=99),
    "doubled 40 times": partial(nested, 41, 2),
    "doubled 1,900 times": partial(nested, 1900, 2),
    "10,000 in each of 60 levels": partial(nested, 60, repeat=10_000),
    "as an expression": partial(nested, 4, repeat="=n ** 12"),
    "by the place of the copy": partial(nested, 6, repeat="=i + 9"),
    "100 deep": partial(nested, 100),
    "with a repeat that is given": partial(nested, 5, repeat="=n", n="=n * 10"),
}


def _repeats() -> Iterator[Case]:
    for name, make in _REPEATS.items():
        for command in ("inspect", "train"):
            more = ("--device", "cpu", "--steps", "1") if command == "train" else ()
            is_quick = name == "999 × 999"
            yield Case(
                "repeats",
                f"{name}, {command}",
                written(make),
                r"(Expected at most|Draw fewer|no objective|an Objective|nothing to train|Expected)",
                (command, "{}", *more),
                exits=(0, 2) if command == "inspect" else (2,),
                is_quick=is_quick,
            )


# Parts ----------------------------------------------------------------------------------------------------

_LONG = "\u202e" + "<b>&" + "wörd " * 30_000
_PARAMS: dict[str, tuple[str, Raw]] = {
    "a shape of 20,000 sizes": ("reshape", {"shape": [2] * 20_000}),
    "a huge shape": ("reshape", {"shape": [2**31 - 1] * 60}),
    "wide": ("linear", {"out_features": 2**31 - 1}),
    "too wide": ("linear", {"out_features": 10**12}),
    "too wide a number": ("linear", {"out_features": 10**400}),
    "a fraction": ("linear", {"out_features": 1e300}),
    "a long text": ("linear", {"out_features": _LONG[:90_000]}),
    "a long list": ("linear", {"out_features": [1] * 90_000}),
    "a power tower": ("linear", {"out_features": "=9**9**9**9"}),
    "a repeated text": ("linear", {"out_features": "='a' * 10**9"}),
    "brackets": ("linear", {"out_features": "=" + "(" * 200 + "1" + ")" * 200}),
    "minus signs": ("linear", {"out_features": "=" + "-" * 490 + "1"}),
    "an attribute": ("linear", {"out_features": "=().__class__.__bases__"}),
    "a call": ("linear", {"out_features": "=__import__('os').system('true')"}),
    "a long order": ("permute", {"order": [1] * 20_000}),
    "a parameter of many names": ("relu", {"x" * 90_000: 1}),
    "a kernel": ("conv2d", {"kernel_size": 65536, "out_channels": 2**31 - 1}),
}


def _parts() -> Iterator[Case]:
    source = {"layer": "noise", "params": {"shape": [4, 64]}}
    for name, (layer, params) in _PARAMS.items():
        raw = partial(
            project, {"source": source, "a": {"layer": layer, "params": params}}, [wire("source", "a")]
        )
        yield Case(
            "parameters", name, written(raw), "Expected|parameters", exits=(0, 2), is_quick="tower" in name
        )
    for name in (
        "_modules",
        "_parameters",
        "_buffers",
        "graph",
        "self",
        "training",
        "__class__",
        "a" * 65,
        "\u202e",
    ):
        make = partial(_trainable, name)
        train = ("train", "{}", "--steps", "1", "--device", "cpu")
        answer = "Trained after 1 steps|Expected"
        yield Case(
            "ids", repr(name)[:40], written(make), answer, train, exits=(0, 2), is_quick=name == "_modules"
        )
    for name, words in {"long": _LONG, "line": "a\nb", "bidi": "a\u202eb", "none": ""}.items():
        for field in ("name", "format"):
            make = partial(lambda field, words: {**row(1, _relu), field: words}, field, words)
            yield Case("words", f"{name} as {field}", written(make), "Expected")
    yield Case(
        "clipboard", "numbers", written(lambda: b"[" + b"1," * 8_000_000 + b"1]"), "Expected", call=_paste
    )


def _trainable(name: str) -> Raw:
    nodes = {
        "data": {"layer": "data", "params": {"dataset": "circle"}},
        name: _linear(1),
        "loss": {"layer": "cross_entropy"},
        "goal": {"layer": "objective"},
    }
    wires = [wire("data.input", f"{name}.input"), wire(name, "loss.logits")]
    wires += [wire("data.target", "loss.label"), wire("loss.loss", "goal.loss")]
    return project(nodes, wires)


def _paste(path: Any) -> object:
    return fragment_from_text(path.read_text("utf-8"))


CASES = (*_large(), *_repeats(), *_parts())
