"""Parameters of nodes as the document stores them: checked against the declaration, defaults left out.

Expressions are checked for syntax and names; their values are known when the definition is placed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.document.expression import ExpressionError, names_in
from engine.document.held_expressions import (
    CONDITION,
    MOST_IN_A_LIST,
    expressions_in,
    has_expression,
    replaced,
)
from engine.document.own_params import check_own, info_of
from engine.document.project import MAIN, Graph, Node, ParameterInfo, Project
from engine.document.query import definition_of, is_placeholder, is_placement
from nodes.param import JSON, Param, ParamError
from nodes.registry import REGISTRY
from nodes.shown_text import quoted

DEEPEST = 16
"""The deepest nesting of lists and objects in one parameter."""
LONGEST_TEXT = 100_000
LARGEST_INTEGER = 2**63 - 1
INTEGER = f"a whole number of at most {LARGEST_INTEGER.bit_length()} bits"

MOST_PROBLEMS = 100
"""The most problems of one node that are listed."""

ParamProblem = tuple[str, str, str]
"""Name of the parameter, what was expected, what was received."""


def check_param(project: Project, graph_name: str, node: Node, name: str, value: JSON) -> JSON:
    """The value in normal form. Raises `ParamError` where it is not valid for this parameter of this node."""
    fault = json_problem(value)
    if fault:
        raise ParamError(name, fault, quoted(value))
    if is_placeholder(node):
        return value
    declared = REGISTRY[node.layer].params.get(name)
    if declared is None and not _is_own(project, node, name):
        known = ", ".join((*REGISTRY[node.layer].params, *_own(project, node))) or "none"
        raise ParamError(name, f"a parameter of {REGISTRY[node.layer].title} ({known})", quoted(name))
    if has_expression(value):
        return _check_expressions(declared, name, value, project.graphs[graph_name], graph_name)
    if declared is None:
        return _check_own(project, node, name, value)
    return _checked(declared, value)


def check_condition(text: str, graph: Graph, graph_name: str) -> None:
    """Raise `ParamError` where this cannot say when a node of this graph is there; empty: always."""
    if not text:
        return
    if not text.startswith("="):
        raise ParamError(CONDITION, "an expression that starts with =, as in `=i == 0`", quoted(text))
    check_expression(CONDITION, text, graph, graph_name)


def _check_expressions(
    declared: Param[Any] | None, name: str, value: Any, graph: Graph, graph_name: str
) -> JSON:
    """A value with expressions: each is checked, and the rest of a list as if they had fitting values."""
    texts = expressions_in(value)
    if len(texts) > MOST_IN_A_LIST:
        raise ParamError(name, f"at most {MOST_IN_A_LIST} expressions in one list", str(len(texts)))
    for text in texts:
        check_expression(name, text, graph, graph_name)
    if isinstance(value, str):
        return value
    plain = replaced(value, lambda _: getattr(declared, "min", 0))
    try:
        if declared is None:
            check_own(ParameterInfo(name), plain)
        else:
            declared.check(plain)
    except ParamError as error:
        raise ParamError(name, error.expected, quoted(value)) from error
    return list(value)


def is_default(project: Project, node: Node, name: str, value: JSON) -> bool:
    """Whether the value equals the default."""
    if is_placeholder(node):
        return False
    declared = REGISTRY[node.layer].params.get(name)
    if declared is not None:
        return not has_expression(value) and bool(declared.check(value) == declared.default)
    definition = definition_of(project, node)
    default = definition.parameters.get(name) if definition is not None else None
    return type(default) is type(value) and default == value


def param_problems(project: Project, graph_name: str, node: Node) -> list[ParamProblem]:
    """All problems of the parameters of one node."""
    found: list[ParamProblem] = []
    for name, value in node.params.items():
        try:
            check_param(project, graph_name, node, name, value)
        except ParamError as error:
            found.append((name, error.expected, error.received))
        if len(found) == MOST_PROBLEMS:
            break
    try:
        check_condition(node.when, project.graphs[graph_name], graph_name)
    except ParamError as error:
        found.append((error.name, error.expected, error.received))
    if not found and not is_placeholder(node) and not is_placement(node):
        plain = {name: value for name, value in node.params.items() if not has_expression(value)}
        try:
            REGISTRY.make(node.layer, plain)
        except ParamError as error:
            found.append((error.name, error.expected, error.received))
    return found


def check_expression(name: str, text: str, graph: Graph, graph_name: str) -> None:
    """Raise `ParamError` where this is not a valid expression in this graph."""
    known: Mapping[str, Any] = {} if graph_name == MAIN else {**graph.parameters, "i": 0}
    try:
        unknown = sorted(names_in(text) - known.keys())
    except ExpressionError as error:
        raise ParamError(name, error.expected, quoted(text)) from error
    if unknown:
        names = ", ".join(sorted(known)) or "main has none"
        raise ParamError(
            name, f"an expression over the definition's parameters ({names})", quoted(unknown[0])
        )


def json_problem(value: object, depth: int = 0) -> str:
    """What was expected instead of a value that JSON cannot store; empty where it can."""
    match value:
        case None | bool():
            return ""
        case int():
            return "" if abs(value) <= LARGEST_INTEGER else INTEGER
        case float():
            return "" if math.isfinite(value) else "a finite number"
        case str():
            return text_problem(value)
        case list() | tuple():
            children: list[object] = list(value)
        case dict():
            if not all(isinstance(key, str) and not text_problem(key) for key in value):
                return "text as the keys of an object"
            children = list(value.values())
        case _:
            return "a value that JSON can write"
    if depth >= DEEPEST:
        return f"at most {DEEPEST} levels of lists inside each other"
    return next((fault for child in children if (fault := json_problem(child, depth + 1))), "")


def text_problem(text: str) -> str:
    """What was expected instead of a text that cannot be stored; empty where it can."""
    if len(text) > LONGEST_TEXT:
        return f"text of at most {LONGEST_TEXT} characters"
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text that UTF-8 can write"
    return ""


def _checked(declared: Param[Any], value: JSON) -> JSON:
    try:
        return declared.to_json(declared.check(value))
    except ParamError as error:
        raise ParamError(error.name, error.expected, quoted(value)) from error


def _own(project: Project, node: Node) -> tuple[str, ...]:
    """The parameters that the definition of a placement adds to it."""
    definition = definition_of(project, node) if is_placement(node) else None
    return tuple(definition.parameters) if definition is not None else ()


def _is_own(project: Project, node: Node, name: str) -> bool:
    return name in _own(project, node)


def _check_own(project: Project, node: Node, name: str, value: JSON) -> JSON:
    definition = definition_of(project, node)
    return check_own(info_of(definition, name) if definition is not None else ParameterInfo(name), value)
