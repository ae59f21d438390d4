"""The parameters of definitions: what is known of each, their order, and how a placement declares them.

A definition stores a default for each, and may say more: help, a range, choices. The kind follows from the
default.
"""

from __future__ import annotations

import math
from typing import Any, TypeGuard

from engine.document.held_expressions import has_expression
from engine.document.names import is_identifier
from engine.document.project import Graph, Node, ParameterInfo
from nodes.layers.scan import Scan
from nodes.layers.structure import Block
from nodes.param import JSON, Bool, Choice, Float, Int, Param, ParamError, Shape, Text
from nodes.param import LARGEST as LARGEST_INT
from nodes.shown_text import quoted

LONGEST_HELP = 300
MOST_CHOICES = 100
PLAIN_HELP = "Parameter of the definition."
_LEAST = -(2**31)


def parameter_names(graph: Graph) -> tuple[str, ...]:
    """The parameters of a definition in the order in which they are shown."""
    told = [info.name for info in graph.parameter_info if info.name in graph.parameters]
    return tuple(dict.fromkeys((*told, *graph.parameters)))


def info_of(graph: Graph, name: str) -> ParameterInfo:
    """What a definition says of a parameter beside its default."""
    return next((info for info in graph.parameter_info if info.name == name), ParameterInfo(name))


def own_param(info: ParameterInfo, default: JSON) -> Param[Any]:
    """A parameter of a definition as a placement declares it."""
    line = info.help or PLAIN_HELP
    low, high = info.min, info.max
    made: Param[Any]
    if isinstance(default, bool):
        made = Bool(default, help=line)
    elif isinstance(default, int):
        least = _LEAST if low is None else math.ceil(low)
        made = Int(default, min=least, max=LARGEST_INT if high is None else math.floor(high), help=line)
    elif isinstance(default, float):
        least_float, most = -math.inf if low is None else low, math.inf if high is None else high
        made = Float(default, min=least_float, max=most, help=line)
    elif isinstance(default, list | tuple):
        made = Shape(default, min=_LEAST, help=line) if _all_whole(default) else Text(str(default), help=line)
    elif info.choices:
        made = Choice(str(default), choices=info.choices, help=line)
    else:
        made = Text(str(default), help=line)
    made.__set_name__(Node, info.name)
    return made


def _all_whole(default: list[Any] | tuple[Any, ...]) -> bool:
    return all(isinstance(item, int) and not isinstance(item, bool) for item in default)


def check_own(info: ParameterInfo, value: JSON) -> JSON:
    """The value of a parameter at a placement, in normal form. Raises `ParamError` where it does not fit."""
    if value is None or isinstance(value, dict):
        raise ParamError(info.name, "a number, text, on or off, or a list of them", quoted(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = info.min if _is_number(info.min) else -math.inf
        high = info.max if _is_number(info.max) else math.inf
        if not low <= value <= high:
            raise ParamError(info.name, _range(info), quoted(value))
    if info.choices and not has_expression(value) and value not in info.choices:
        raise ParamError(info.name, f"one of {', '.join(info.choices)}", quoted(value))
    return list(value) if isinstance(value, tuple) else value


def _range(info: ParameterInfo) -> str:
    if info.max is None:
        return f"a number of at least {info.min:g}"
    return (
        f"a number of at most {info.max:g}"
        if info.min is None
        else f"a number from {info.min:g} to {info.max:g}"
    )


def info_fault(info: ParameterInfo, default: JSON) -> str:
    """What is wrong with what is said of a parameter, as a sentence; empty where nothing is."""
    bounds = (info.min, info.max)
    if not all(bound is None or _is_number(bound) for bound in bounds):
        return f"Expected numbers as the range of {quoted(info.name)}. Received {quoted(bounds)}."
    if info.min is not None and info.max is not None and info.min > info.max:
        return f"Expected a range from low to high for {quoted(info.name)}. Received {quoted(bounds)}."
    if len(info.help) > LONGEST_HELP or "\n" in info.help:
        return (
            f"Expected help of one line and at most {LONGEST_HELP} characters. Received {quoted(info.help)}."
        )
    if len(info.choices) > MOST_CHOICES or len(set(info.choices)) < len(info.choices):
        return f"Expected at most {MOST_CHOICES} choices, each once. Received {quoted(info.choices)}."
    if info.choices and not isinstance(default, str):
        return (
            f"Expected choices of a text. Received {quoted(default)} as the default of {quoted(info.name)}."
        )
    try:
        check_own(info, default)
    except ParamError as error:
        return f"Expected {error.expected} as the default of {quoted(info.name)}. Received {error.received}."
    return ""


def _is_number(bound: object) -> TypeGuard[float]:
    return isinstance(bound, int | float) and not isinstance(bound, bool) and math.isfinite(bound)


def fresh_parameter(graph: Graph, wanted: str) -> str:
    """A name like `wanted` that no parameter of the definition has."""
    taken = {*graph.parameters, "i", *Block.params, *Scan.params}
    start = wanted if is_identifier(wanted) else "value"
    stem, number, name = start.rstrip("0123456789") or "value", 2, start
    while name in taken:
        name, number = f"{stem}{number}", number + 1
    return name
