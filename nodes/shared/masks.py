"""Masks at ports: which keys attention may look at, and which steps of a sequence are real.

Knows shapes and the words for them; what a layer does with a mask is its module's business.
"""

from __future__ import annotations

from nodes.shared import card_label
from nodes.spec import Dim, InsertBefore, LayerError, Port, ProposedFix, TensorSpec

CONVENTION = (
    "bool or whole numbers: not 0 where a key may be seen; other numbers are added to the scores, −∞ hides"
)


def mask_port(name: str = "mask", what: str = "what may be seen") -> Port:
    """An attention mask."""
    text = f"{what} (T, S), (N, T, S) or (N, heads, T, S); {CONVENTION}"
    return Port(name, text, "any", ranks=(3, 2, 4), optional=True, side=True)


def key_mask_port(name: str = "key_mask", what: str = "keys") -> Port:
    """Which keys are real, as data sets tell it."""
    text = f"not 0 where {what} are real, 0 where filled up (N, S)"
    return Port(name, text, "any", ranks=(2,), optional=True, side=True)


def step_mask_port() -> Port:
    """Which steps of a sequence are real, as data sets tell it."""
    text = "not 0 where steps are real, 0 where filled up (N, time)"
    return Port("mask", text, "any", ranks=(2,), optional=True, side=True)


def check_mask(
    mask: TensorSpec | None, wanted: tuple[Dim, ...], *, key_mask: str, port: str = "mask"
) -> None:
    """Refuse an attention mask that does not fit the scores `wanted`: (N, T, S) or (N, heads, T, S)."""
    if mask is None:
        return
    batch, *heads, length, keys = wanted
    fitting = [(length, keys), (batch, length, keys), *([wanted] if heads else [])]
    if any(_stretches(mask.shape, shape) for shape in fitting):
        return
    told = [card_label.by(shape) for shape in fitting]
    expected = f"a mask of {', '.join(told[:-1])} or {told[-1]}"
    hint = f" (which keys are real goes into {key_mask})" if mask.shape == (batch, keys) else ""
    raise LayerError(expected, f"{mask}{hint}", port=port)


def _stretches(given: tuple[Dim, ...], wanted: tuple[Dim, ...]) -> bool:
    return len(given) == len(wanted) and all(a in (b, 1) for a, b in zip(given, wanted, strict=True))


def check_key_mask(mask: TensorSpec | None, batch: Dim, keys: Dim, port: str = "key_mask") -> None:
    """Refuse a mask that has not one number for each key."""
    if mask is None or mask.shape == (batch, keys):
        return
    raise LayerError(f"a mask of {TensorSpec((batch, keys))}, one number for each key", str(mask), port=port)


def check_step_mask(mask: TensorSpec | None, sequence: TensorSpec, port: str = "mask") -> None:
    """Refuse a mask that has not one number for each step of a sequence (N, time, …)."""
    if mask is None or mask.shape == sequence.shape[:2]:
        return
    steps = TensorSpec(sequence.shape[:2])
    raise LayerError(f"a mask of {steps}, one number for each step", str(mask), port=port)


def mask_fixes(port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
    """A mask with an axis too many for a port of one number for each step."""
    last_is_one = spec.rank == 3 and spec.shape[2] == 1 and isinstance(spec.shape[1], int)
    if port.ranks == (2,) and last_is_one:
        return (InsertBefore("reshape", {"shape": [int(str(spec.shape[1]))]}),)
    return ()
