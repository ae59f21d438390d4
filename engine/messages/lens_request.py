"""What somebody wants to see: a kind of lens, the path it looks at and how. A value; it computes nothing."""

from __future__ import annotations

import msgspec

Option = str | int | float | bool
Options = tuple[tuple[str, Option], ...]
"""Values of the parameters of a lens that differ from their defaults, by name, sorted."""
LensKey = tuple[object, ...]
"""What tells one picture from another: (kind, target), followed by options and pin where there are any."""


def lens_key(kind: str, target: str, options: Options = (), pin: int = 0) -> LensKey:
    """The key of a request and of the frames that answer it."""
    return (kind, target, options, pin) if options or pin else (kind, target)


class LensRequest(msgspec.Struct, frozen=True):
    """`kind` names the lens, `target` is a path in the drawing ("conv1", "stage3.0.conv2").

    `options` are values of its parameters, `pin` says which of the pinned samples it shows, from 0. Which
    kinds there are, which parameters they have and what arrays they send is declared in `engine.lens`.
    """

    kind: str
    target: str
    options: Options = ()
    pin: int = 0

    @property
    def key(self) -> LensKey:
        return lens_key(self.kind, self.target, self.options, self.pin)


def options_of(values: dict[str, Option]) -> Options:
    """Options in the order in which requests are compared."""
    return tuple(sorted(values.items()))
