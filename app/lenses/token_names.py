"""The tokens of a text, whose numbers a lens has sent, as they can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from app.lenses.prediction import visible
from nodes.reading.dataset import DataInfo


def token_names(arrays: Mapping[str, NDArray[Any]], axis: str, info: DataInfo | None) -> tuple[str, ...]:
    """Of the arrays `AXIS_tokens` and `AXIS_of_target` of a lens; none where they are not there."""
    numbers = arrays.get(f"{axis}_tokens")
    if numbers is None:
        return ()
    of_target = bool(arrays[f"{axis}_of_target"])
    return tuple(_token(int(number), of_target, info) for number in numbers)


def _token(number: int, of_target: bool, info: DataInfo | None) -> str:
    """A token as it can be read; its number where its vocabulary is not known."""
    if info is None:
        return str(number)
    vocabulary = info.target_vocabulary if of_target else info.vocabulary
    if vocabulary is None:
        known = info.kind == "text" and 0 <= number < len(info.classes)
        return visible(info.classes[number]) if known else str(number)
    if not 0 <= number < len(vocabulary.tokens):
        return str(number)
    is_pairs = vocabulary.cutting.kind == "byte-pair" and number >= vocabulary.cutting.specials
    token = vocabulary.text([number]) if is_pairs else vocabulary.tokens[number]
    return visible(token) if len(token) == 1 else token.strip() or "␣"
