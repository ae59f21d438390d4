"""Tied weights: a module that uses a tensor of another module in place of its own.

The tensor stays with its owner, under its one name; the module that uses it has no parameter of that name any
more and reads it from the owner each time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor, nn


class Lent(NamedTuple):
    """Which tensor a module uses in place of its own. Within a tuple the owner is no part of the module."""

    owner: nn.Module
    name: str
    is_transposed: bool
    own_name: str

    def read(self) -> Tensor:
        """The owner's tensor as it is now."""
        found: Tensor = getattr(self.owner, self.name)
        return found.transpose(0, 1) if self.is_transposed else found


def tie(module: nn.Module, name: str, owner: nn.Module, owner_name: str, *, is_transposed: bool) -> None:
    """From now on `module.name` is `owner.owner_name`, turned round where asked for."""
    delattr(module, name)
    module.__dict__["lent"] = Lent(owner, owner_name, is_transposed, name)
    module.__class__ = _reading(type(module), name)


def lent_weights(module: nn.Module) -> dict[str, Tensor]:
    """What the module uses of another one, by the name under which it does; as it is now."""
    lent = module.__dict__.get("lent")
    return {lent.own_name: lent.read()} if isinstance(lent, Lent) else {}


_MADE: dict[tuple[type[nn.Module], str], type[nn.Module]] = {}


def _reading(kind: type[nn.Module], name: str) -> type[nn.Module]:
    """The class of a module whose attribute `name` is the tensor that was lent to it."""
    if (kind, name) not in _MADE:

        def read(self: Any) -> Tensor:
            lent: Lent = self.lent
            return lent.read()

        body = {name: property(read), "__doc__": kind.__doc__, "__module__": kind.__module__}
        _MADE[kind, name] = type(f"Tied{kind.__name__}", (kind,), body)
    return _MADE[kind, name]
