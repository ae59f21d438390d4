"""The kinds of parameter a layer may declare; each checks a value and says what it expected.

A parameter is a descriptor: declared on the class, read from an instance as the checked value. It knows how
its value is written in the file (`to_json`) but nothing of files, forms or layers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, TypeVar, overload

from nodes.shown_text import quoted
from nodes.user_error import UserError

JSON = None | bool | int | float | str | list[Any] | tuple[Any, ...] | dict[str, Any]
T = TypeVar("T")
LARGEST = 2**31 - 1
"""The largest whole number of a parameter that names no other: what torch takes everywhere."""
LARGEST_FLOAT = 3.4028234663852886e38
"""The largest number of a parameter that names no other: what weights and activations can hold (float32)."""


class ParamError(UserError, ValueError):
    """A parameter has a value it cannot take. Reads `name: Expected … Received …`."""

    def __init__(self, name: str, expected: str, received: str) -> None:
        super().__init__(f"{name}: Expected {expected}. Received {received}.")
        self.name, self.expected, self.received = name, expected, received


class Param(Generic[T]):
    """Base of the kinds. `default` is a checked value; `advanced` folds it away in the inspector.

    `visible_if` names another parameter and the values of it for which this one matters, e.g.
    `("optimiser", ("sgd",))`; the inspector hides it otherwise. `zero` is what 0 means where it is no amount
    ("all", "off"); a form says it beside the 0.
    """

    def __init__(
        self,
        default: Any,
        *,
        help: str,  # noqa: A002 - reads as the field it becomes
        label: str = "",
        unit: str = "",
        zero: str = "",
        advanced: bool = False,
        visible_if: tuple[str, tuple[Any, ...]] | None = None,
    ) -> None:
        self.name, self.zero = "", zero
        self.label, self.help, self.unit, self.advanced, self.visible_if = (
            label,
            help,
            unit,
            advanced,
            visible_if,
        )
        self.default: T = self.check(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.label = self.label or name.replace("_", " ").capitalize()

    @property
    def in_sentence(self) -> str:
        """The label within a sentence: "Kernel size" becomes "kernel size", "L2" stays."""
        return self.label if self.label[1:2].isupper() else self.label[:1].lower() + self.label[1:]

    @overload
    def __get__(self, instance: None, owner: type) -> Param[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Param[T] | T:
        if instance is None:
            return self
        value: T = instance.values[self.name]
        return value

    def expected(self) -> str:
        """What a value must be, for messages and tooltips."""
        raise TypeError(f"{type(self).__name__} does not say what it expects")

    def check(self, value: Any) -> T:
        """The value in normal form; raises `ParamError` when it cannot be taken."""
        raise TypeError(f"{type(self).__name__} does not check {value!r}")

    def to_json(self, value: T) -> JSON:
        return value  # type: ignore[return-value]

    def refuse(self, value: Any) -> ParamError:
        return ParamError(self.name, self.expected(), quoted(value))


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value != int(value):
        return None
    return int(value)


def _number(param: Param[Any], value: Any, given: Any) -> float:
    """The number, which is `given` or from it. Raises `ParamError` where it is none that float32 can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise param.refuse(given)
    if value != value or value in (math.inf, -math.inf):
        raise param.refuse(given)
    if abs(value) > LARGEST_FLOAT:
        kind = param.expected().removesuffix(" of any size")
        raise ParamError(
            param.name, f"{kind} that float32 can hold (up to {LARGEST_FLOAT:.2g})", quoted(given)
        )
    return float(value)


class Int(Param[int]):
    """A whole number within [min, max]."""

    def __init__(self, default: int, *, min: int = 0, max: int = LARGEST, **kwargs: Any) -> None:  # noqa: A002
        self.min, self.max = min, max
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        return f"a whole number {_range(self.min, self.max)}"

    def check(self, value: Any) -> int:
        if isinstance(value, float) and math.isinf(value):
            raise self.refuse(value)
        whole = _whole(value)
        if whole is None or not self.min <= whole <= self.max:
            raise self.refuse(value)
        return whole


class Float(Param[float]):
    """A number within [min, max] that float32 can hold; `log` makes a form step it by factors."""

    def __init__(
        self,
        default: float,
        *,
        min: float = -math.inf,  # noqa: A002
        max: float = math.inf,  # noqa: A002
        log: bool = False,
        **kwargs: Any,
    ) -> None:
        self.min, self.max, self.log = min, max, log
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        return f"a number {_range(self.min, self.max)}"

    def check(self, value: Any) -> float:
        number = _number(self, value, value)
        if not self.min <= number <= self.max:
            raise self.refuse(value)
        return number


class Bool(Param[bool]):
    """On or off."""

    def expected(self) -> str:
        return "on or off (true or false)"

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.refuse(value)
        return value


class Choice(Param[str]):
    """One of a few names. `titles` are what a form shows for those whose name is only for the file."""

    def __init__(
        self, default: str, *, choices: Sequence[str], titles: Mapping[str, str] | None = None, **kwargs: Any
    ) -> None:
        self.choices, self.titles = tuple(choices), dict(titles or {})
        super().__init__(default, **kwargs)

    def title_of(self, choice: str) -> str:
        """How a form shows a choice."""
        return self.titles.get(choice, choice)

    def expected(self) -> str:
        return "one of " + ", ".join(self.choices)

    def check(self, value: Any) -> str:
        if value not in self.choices:
            raise self.refuse(value)
        return str(value)


class Text(Param[str]):
    """Free text; `suggestions` names where a form finds completions (`datasets`, `definitions`, `path`).

    `empty` is what no text stands for, in a word or two; a form shows it where nothing is written.
    """

    def __init__(self, default: str = "", *, suggestions: str = "", empty: str = "", **kwargs: Any) -> None:
        self.suggestions, self.empty = suggestions, empty
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        return "text"

    def check(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.refuse(value)
        return value


PARTS, SOURCES, WEIGHTED = "parts", "sources", "weighted"
"""Suggestions of `Paths`: what can be updated as a whole; the other nodes of the same layer; the nodes of the
same graph whose weights another layer can take.
"""
Rewrite = Callable[[str], tuple[str, ...]]
"""Maps a path to those that replace it: none, one or several."""


class Paths(Text):
    """Text that names nodes of the drawing by their paths; edits that rename or move a node rewrite it.

    `form`: a "list" (`generator, discriminator.linear1`), "rates" (a number for each, `generator: 0.1, …`) or
    "one" path.
    """

    def __init__(
        self,
        default: str = "",
        *,
        form: Literal["list", "rates", "one"] = "list",
        suggestions: str = PARTS,
        **kwargs: Any,
    ) -> None:
        self.form = form
        super().__init__(default, suggestions=suggestions, **kwargs)

    def rewritten(self, text: str, rewrite: Rewrite) -> str:
        """The text with every path replaced; the same where none changes.

        One path stays where not exactly one takes its place.
        """
        pieces = [text] if self.form == "one" else text.split(",")
        new = ",".join(made for piece in pieces if (made := self._piece(piece, rewrite)) is not None)
        return new.strip() if new.strip() != text else text

    def _piece(self, piece: str, rewrite: Rewrite) -> str | None:
        """One entry with its path replaced and its spaces kept; None where no path takes its place."""
        path, colon, rest = piece.partition(":") if self.form == "rates" else (piece, "", "")
        bare = path.strip()
        made = rewrite(bare) if bare else (bare,)
        if made == (bare,) or (self.form == "one" and len(made) != 1):
            return piece
        if not made:
            return None
        lead = path[: len(path) - len(path.lstrip())]
        trail = path[len(path.rstrip()) :]
        return lead + ", ".join(f"{one}{trail}{colon}{rest}" for one in made)


def paths_in(text: str) -> list[str]:
    """The paths of a list of paths: `a, b.c`."""
    return [path for piece in text.split(",") if (path := piece.strip())]


class Floats(Param[tuple[float, ...]]):
    """A list of any length of numbers that float32 can hold.

    `per` names a variadic input port: then there is a number for each of its wires, in their order, and those
    that are missing are `missing`.
    """

    def __init__(self, default: Any, *, per: str = "", missing: float = 1.0, **kwargs: Any) -> None:
        self.per, self.missing = per, missing
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        return "a list of numbers"

    def check(self, value: Any) -> tuple[float, ...]:
        given = list(value) if isinstance(value, list | tuple) else [value]
        return tuple(_number(self, number, value) for number in given)

    def to_json(self, value: tuple[float, ...]) -> JSON:
        return list(value)


class Size(Param[tuple[int, ...]]):
    """One whole number per spatial dimension; a single number stands for all of them and is stored as one."""

    def __init__(
        self,
        default: int | Sequence[int],
        *,
        dims: int,
        min: int = 0,  # noqa: A002
        max: int = 65536,  # noqa: A002
        **kwargs: Any,
    ) -> None:
        self.dims, self.min, self.max = dims, min, max
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        several = f", or {self.dims} of them" if self.dims > 1 else ""
        return f"a whole number {_range(self.min, self.max)}{several}"

    def check(self, value: Any) -> tuple[int, ...]:
        given = list(value) if isinstance(value, list | tuple) else [value] * self.dims
        sizes = [None if isinstance(v, float) and math.isinf(v) else _whole(v) for v in given]
        if len(sizes) != self.dims or any(s is None or not self.min <= s <= self.max for s in sizes):
            raise self.refuse(value)
        return tuple(s for s in sizes if s is not None)

    def to_json(self, value: tuple[int, ...]) -> JSON:
        return value[0] if len(set(value)) == 1 else list(value)


class Shape(Param[tuple[int, ...]]):
    """A list of whole numbers of any length, each within [min, max] (−1 stands for "what is left")."""

    def __init__(
        self,
        default: Sequence[int],
        *,
        min: int = -1,  # noqa: A002
        max: int = LARGEST,  # noqa: A002
        min_length: int = 0,
        **kwargs: Any,
    ) -> None:
        self.min, self.max, self.min_length = min, max, min_length
        super().__init__(default, **kwargs)

    def expected(self) -> str:
        return f"a list of at least {self.min_length} whole numbers {_range(self.min, self.max)}"

    def check(self, value: Any) -> tuple[int, ...]:
        given = list(value) if isinstance(value, list | tuple) else [value]
        sizes = [None if isinstance(v, float) and math.isinf(v) else _whole(v) for v in given]
        if len(sizes) < self.min_length or any(s is None or not self.min <= s <= self.max for s in sizes):
            raise self.refuse(value)
        return tuple(s for s in sizes if s is not None)

    def to_json(self, value: tuple[int, ...]) -> JSON:
        return list(value)


def _range(low: float, high: float) -> str:
    if low == -math.inf and high in (math.inf, LARGEST):
        return "of any size"
    if high in (math.inf, LARGEST):
        return f"of at least {_bound(low)}"
    return f"from {_bound(low)} to {_bound(high)}" if low != -math.inf else f"of at most {_bound(high)}"


def _bound(value: float) -> str:
    """`4096`, `1,048,576`, `1e-16`: whole numbers in full, from five digits on in groups."""
    if value != int(value) or abs(value) > 2**53:
        return f"{value:g}"
    return f"{int(value):,}" if abs(value) >= 10_000 else f"{int(value)}"
