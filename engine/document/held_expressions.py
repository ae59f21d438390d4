"""Where a node holds expressions: in a parameter, in an item of a list, and in the condition of its presence.

Finds, evaluates and replaces them; `expression` knows what one expression means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from engine.document.expression import ExpressionError, evaluate, is_expression, names_in
from engine.document.project import Node
from nodes.param import JSON
from nodes.registry import REGISTRY

MOST_IN_A_LIST = 64
"""The most expressions in one list."""
CONDITION = "when"
"""The name of the condition among the values of a node that hold expressions."""


def has_expression(value: object) -> bool:
    """Whether a stored value is an expression, or a list with one among its items."""
    if isinstance(value, str):
        return value.startswith("=")
    return isinstance(value, list | tuple) and any(is_expression(item) for item in value)


def expressions_in(value: object) -> tuple[str, ...]:
    """The expressions of a stored value: itself, or items of the list."""
    if isinstance(value, list | tuple):
        return tuple(item for item in value if isinstance(item, str) and is_expression(item))
    return (value,) if isinstance(value, str) and is_expression(value) else ()


def worked_out(value: Any, names: Mapping[str, Any]) -> Any:
    """A stored value with its expressions evaluated; the same object where there are none."""
    return replaced(value, lambda text: evaluate(text, names))


def replaced(value: Any, change: Callable[[str], Any]) -> Any:
    """A stored value with `change` in place of its expressions; the same object where there are none."""
    if isinstance(value, str):
        return change(value) if is_expression(value) else value
    if not isinstance(value, list | tuple) or not any(is_expression(item) for item in value):
        return value
    return [change(item) if is_expression(item) else item for item in value]


def read_by(value: object) -> frozenset[str]:
    """The names that a stored value reads; what cannot be parsed reads none."""
    found: frozenset[str] = frozenset()
    for text in expressions_in(value):
        try:
            found |= names_in(text)
        except ExpressionError:
            # A placeholder's text may start with "=" without being an expression of ours.
            continue
    return found


def held_by(node: Node) -> Iterator[tuple[str, Any]]:
    """Name and value of everything in a node that holds expressions; the condition is called `when`."""
    if node.when:
        yield CONDITION, node.when
    for name, value in node.params.items():
        if has_expression(value):
            yield name, value


def names_read(node: Node) -> frozenset[str]:
    """The names that a node reads."""
    return frozenset[str]().union(*(read_by(value) for _, value in held_by(node)))


def rewritten(node: Node, change: Callable[[str], Any]) -> Node:
    """The node with `change` in place of every expression; the same object where nothing changes.

    A condition that becomes a value is decided: the node is there, or it is bypassed. Of a layer that is not
    known only the condition is ours to read.
    """
    params: dict[str, JSON] = node.params
    if node.layer in REGISTRY:
        params = {name: replaced(value, change) for name, value in node.params.items()}
    changes: dict[str, Any] = {"params": params} if params != node.params else {}
    if node.when:
        decided = change(node.when)
        if is_expression(decided):
            changes |= {"when": decided} if decided != node.when else {}
        else:
            changes |= {"when": "", "bypassed": node.bypassed or not decided}
    return msgspec.structs.replace(node, **changes) if changes else node
