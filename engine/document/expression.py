"""Expressions in parameters: arithmetic over names, as in `stride if i == 0 else 1`.

The text is parsed to a syntax tree, which is evaluated here; syntax that is not listed raises an error.
`eval` is not used. Numbers are bounded, so that no expression takes long or much memory. A name may stand for
a list, whose items are read by their place: `channels[0]`.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from nodes.param import JSON
from nodes.user_error import UserError

LONGEST_TEXT = 500
DEEPEST = 40
LARGEST = 2**53
"""Whole numbers beyond this lose digits as floats; no size or count needs them."""
LARGEST_EXPONENT = 64
LONGEST_LIST = 100
"""The most items of a list that an expression reads."""

_WORD = re.compile(r"\w+")
_NUMBER_THEN_LETTER = re.compile(r"(?<![\w.])\.?\d[\d.]*(?:[eE][+-]?\d+)?(?![eE][+-]?\d)[A-Za-z_]")

Number = bool | int | float
List = list[JSON] | tuple[JSON, ...]
Value = Number | str | List

FUNCTIONS: dict[str, Callable[..., Number]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": round,
    "len": len,
    "sum": sum,
}
"""`abs`, `round`: of one number; `len`, `sum`: of one list; `min`, `max`: of several numbers or one list."""


class ExpressionError(UserError, ValueError):
    """An expression is not valid or has no value. Reads *Expected … Received …*."""

    def __init__(self, expected: str, received: str) -> None:
        super().__init__(f"Expected {expected}. Received {received}.")
        self.expected, self.received = expected, received


def is_expression(value: object) -> bool:
    """Whether a stored parameter is an expression: a string that starts with "="."""
    return isinstance(value, str) and value.startswith("=")


def evaluate(text: str, names: Mapping[str, JSON]) -> Value:
    """The value of an expression, with or without its leading "=", over these names.

    A value that was worked out before is remembered: a block that repeats asks for it once per copy.
    """
    body = text.removeprefix("=")
    read = _names(body)
    try:
        held = [names[name] for name in read]
    except KeyError:
        return _value(_parse(body), names)  # which may do without the name, or says that it is not there
    for value in held:
        if isinstance(value, list | tuple):
            _check_list(value)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            return _value(_parse(body), names)  # too long to be told apart from others at each copy
    return _remembered(body, _Held(repr(held), dict(zip(read, held, strict=True))))


def _check_list(value: List) -> None:
    if len(value) > LONGEST_LIST or any(isinstance(item, list | tuple | dict) for item in value):
        raise ExpressionError(
            f"a list of at most {LONGEST_LIST} numbers or texts",
            f"one of {len(value)} items or with lists in it",
        )


class _Held:
    """Values of names, told apart by how they are written: 1, 1.0 and True are equal and not the same."""

    __slots__ = ("key", "names")

    def __init__(self, key: str, names: Mapping[str, JSON]) -> None:
        self.key, self.names = key, names

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.key == other.key


@lru_cache(maxsize=4096)
def _remembered(text: str, held: _Held) -> Value:
    return _value(_parse(text), held.names)


def names_in(text: str) -> frozenset[str]:
    """The names that an expression reads (functions left out).

    Raises `ExpressionError` where it is not one.
    """
    return frozenset(_names(text.removeprefix("=")))


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[str, ...]:
    tree = _parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called)
    return tuple(sorted(set(found)))


def rename(text: str, old: str, new: str) -> str:
    """The expression with one name replaced by another."""
    return substitute(text, {old: new})


def substitute(text: str, pieces: Mapping[str, str]) -> str:
    """The expression with these names replaced by other expressions, in brackets where they need them."""
    body = text.removeprefix("=")
    tree = _parse(body)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    places = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in pieces and id(node) not in called
    ]
    lead = len(body) - len(body.lstrip())
    raw = body.encode()
    for node in sorted(places, key=lambda found: -found.col_offset):
        start = node.col_offset + lead
        piece = pieces[node.id].removeprefix("=").strip()
        put = piece if _WORD.fullmatch(piece) else f"({piece})"
        raw = raw[:start] + put.encode() + raw[start + len(node.id.encode()) :]
    made = raw.decode()
    _parse(made)  # it may have grown too long or too deep
    return f"={made}"


@lru_cache(maxsize=4096)
def _parse(text: str) -> ast.expr:
    if len(text) > LONGEST_TEXT:
        raise ExpressionError(f"an expression of at most {LONGEST_TEXT} characters", f"{len(text)}")
    if "\n" in text or "\r" in text or "\0" in text:
        raise ExpressionError("an expression on one line", repr(text))
    if "\\" in text or _NUMBER_THEN_LETTER.search(text):
        # Python would warn of these, or read them in ways that nobody means.
        raise ExpressionError("numbers and names with a space between, and no backslash", repr(text))
    if _nesting(text) > DEEPEST:
        raise ExpressionError(f"at most {DEEPEST} brackets inside each other", repr(text))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError("an expression such as `stride if i == 0 else 1`", repr(text)) from error
    _check(tree)
    return tree


def _nesting(text: str) -> int:
    depth = deepest = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    return deepest


_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_UNARY: dict[type[ast.unaryop], Callable[[Number], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
}
ALLOWED = (
    "numbers, names, + - * / // % **, comparisons, and, or, not, if … else, min, max, abs, round, len, sum, "
    "items of lists and brackets"
)


def _check(tree: ast.expr) -> None:
    """Raise `ExpressionError` for syntax that is not listed, also where it would not be evaluated."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError(f"at most {DEEPEST} levels of nesting", "more")
    waiting = [tree]
    while waiting:
        waiting += _children(waiting.pop())


def _children(tree: ast.expr) -> list[ast.expr]:
    """The parts of an allowed piece of syntax; raises where it is not allowed."""
    match tree:
        case ast.Constant(value=bool() | int() | float() | str()) | ast.Name():
            return []
        case ast.BinOp(op=op) if type(op) in _BINARY:
            return [tree.left, tree.right]
        case ast.UnaryOp(op=op) if type(op) in _UNARY:
            return [tree.operand]
        case ast.BoolOp():
            return list(tree.values)
        case ast.Compare(ops=ops) if all(type(op) in _COMPARE for op in ops):
            return [tree.left, *tree.comparators]
        case ast.IfExp():
            return [tree.test, tree.body, tree.orelse]
        case ast.Subscript(value=ast.Name()) if not isinstance(tree.slice, ast.Slice):
            return [tree.value, tree.slice]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS and args:
            if not any(isinstance(arg, ast.Starred) for arg in args):
                return list(args)
    raise ExpressionError(ALLOWED, f"`{ast.unparse(tree)}`")


def _value(tree: ast.expr, names: Mapping[str, JSON]) -> Value:
    match tree:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value if isinstance(value, str) else _bounded(value, tree)
        case ast.Name(id=name):
            return _named(name, names)
        case ast.BinOp():
            return _binary(tree, _number(tree.left, names), _number(tree.right, names))
        case ast.UnaryOp(op=op):
            if isinstance(op, ast.Not):
                return not _value(tree.operand, names)
            return _UNARY[type(op)](_number(tree.operand, names))
        case ast.BoolOp(op=op, values=parts):
            return _logic(isinstance(op, ast.And), parts, names)
        case ast.Compare():
            return _compare(tree, names)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _value(body if _value(test, names) else orelse, names)
        case ast.Subscript():
            return _item(tree, names)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, _arguments(name, args, names, tree), tree)
    raise ExpressionError(ALLOWED, f"`{ast.unparse(tree)}`")


def _named(name: str, names: Mapping[str, JSON]) -> Value:
    if name not in names:
        known = ", ".join(sorted(names)) or "there are none here"
        raise ExpressionError(f"a parameter of this definition ({known})", repr(name))
    value = names[name]
    if isinstance(value, str) and not is_expression(value):
        return value
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, int | float):
        return _bounded(value, ast.Name(id=name, ctx=ast.Load()))
    raise ExpressionError(f"a number, text, on/off or a list in {name!r}", repr(value)[:80])


def _number(tree: ast.expr, names: Mapping[str, JSON]) -> Number:
    value = _value(tree, names)
    if isinstance(value, str | list | tuple):
        raise ExpressionError(f"a number in `{ast.unparse(tree)}`", repr(value)[:80])
    return value


def _item(tree: ast.Subscript, names: Mapping[str, JSON]) -> Value:
    """An item of a list by its place: 0 is the first, -1 the last."""
    held, place = _value(tree.value, names), _number(tree.slice, names)
    words = ast.unparse(tree)
    if not isinstance(held, list | tuple):
        raise ExpressionError(f"a list before the bracket in `{words}`", repr(held)[:80])
    if isinstance(place, bool) or place != int(place) or not -len(held) <= place < len(held):
        raise ExpressionError(f"a place from 0 to {len(held) - 1} in `{words}`", f"{place:g}")
    item = held[int(place)]
    if isinstance(item, int | float):
        return _bounded(item, tree)
    if isinstance(item, str) and not is_expression(item):
        return item
    raise ExpressionError(f"a number or text at `{words}`", repr(item)[:80])


def _binary(tree: ast.BinOp, left: Number, right: Number) -> Number:
    if isinstance(tree.op, ast.Pow) and abs(right) > LARGEST_EXPONENT:
        raise ExpressionError(f"an exponent of at most {LARGEST_EXPONENT}", str(right))
    try:
        result = _BINARY[type(tree.op)](left, right)
    except ZeroDivisionError:
        raise ExpressionError("a divisor other than 0", f"`{ast.unparse(tree)}`") from None
    except OverflowError:
        raise ExpressionError(f"a number of at most {LARGEST}", f"`{ast.unparse(tree)}`") from None
    return _bounded(result, tree)


def _logic(every: bool, parts: list[ast.expr], names: Mapping[str, JSON]) -> Value:
    value: Value = every
    for part in parts:
        value = _value(part, names)
        if bool(value) is not every:
            return value
    return value


def _compare(tree: ast.Compare, names: Mapping[str, JSON]) -> bool:
    left = _value(tree.left, names)
    for op, part in zip(tree.ops, tree.comparators, strict=True):
        right = _value(part, names)
        ordered = not isinstance(op, ast.Eq | ast.NotEq)
        if ordered and (isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple)):
            raise ExpressionError(
                f"numbers on both sides of `{ast.unparse(tree)}`",
                f"{repr(left)[:40]} and {repr(right)[:40]}",
            )
        if not _COMPARE[type(op)](left, right):
            return False
        left = right
    return True


def _arguments(
    name: str, given: list[ast.expr], names: Mapping[str, JSON], tree: ast.Call
) -> list[Number] | list[list[Number]]:
    """What a function takes: numbers, or one list of them."""
    if name in ("abs", "round") or len(given) > 1:
        return [_number(part, names) for part in given]
    held = _value(given[0], names)
    if not isinstance(held, list | tuple):
        wanted = "a list" if name in ("len", "sum") else "two numbers or more, or a list"
        raise ExpressionError(f"{wanted} in {name}(…)", f"`{ast.unparse(tree)}`")
    found = [item for item in held if isinstance(item, int | float)]
    if len(found) < len(held) or (not found and name in ("min", "max")):
        raise ExpressionError(f"a list of numbers in {name}(…)", repr(held)[:80])
    return [found]


def _call(name: str, values: list[Number] | list[list[Number]], tree: ast.Call) -> Number:
    single = name in ("abs", "round", "len", "sum")
    if single and len(values) != 1:
        wanted = "one number" if name in ("abs", "round") else "one list"
        raise ExpressionError(f"{wanted} in {name}(…)", f"`{ast.unparse(tree)}`")
    return _bounded(FUNCTIONS[name](*values), tree)


def _bounded(value: object, tree: ast.expr) -> Number:
    finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if not finite or abs(value) > LARGEST:  # type: ignore[arg-type]
        raise ExpressionError(f"a finite number of at most {LARGEST}", f"`{ast.unparse(tree)[:80]}`")
    return value  # type: ignore[return-value]
