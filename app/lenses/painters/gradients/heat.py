"""How much something reacts to each part of a sample, as values that can be drawn: over a picture, by
columns of a row, by steps of a series or by tokens.

Reads the arrays of lenses that send `heat`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.lenses.colour_maps import FloatArray, signed_scale
from app.lenses.painter import Arrays
from app.lenses.prediction import visible
from app.widgets.numbers import number
from nodes.reading.dataset import DataInfo

PICTURE, COLUMNS, STEPS, TOKENS = "picture", "columns", "steps", "tokens"


@dataclass(frozen=True, eq=False)
class Heat:
    """`values` is (H, W) or (n); `under` is the sample, (C, H, W), (n), (n, F) or tokens (n), if it is known.

    `names` are those of columns or tokens. `total` counts columns, steps or tokens that were not sent too;
    `side` is that of the whole picture, of which several pixels may be one here.
    """

    kind: str
    values: FloatArray
    under: NDArray[np.generic] | None
    signed: bool
    about: str
    """What reacts: "Score of Bag"."""
    value: float
    quantity: str
    """What the heat is, in a word or two."""
    names: tuple[str, ...] = ()
    total: int = 0
    decides: bool = True
    """Whether what reacts is the answer of the network."""
    side: tuple[int, int] = (0, 0)

    @property
    def scale(self) -> float:
        """The value of full colour."""
        return signed_scale(self.values)

    @property
    def is_nothing(self) -> bool:
        return not np.any(self.values)

    @property
    def heading(self) -> str:
        """As in `Score of Bag 7.831`."""
        return f"{self.about} {number(self.value)}"

    @property
    def pooled(self) -> str:
        """As in `2×2 pixels are one`, where they are."""
        high, wide = self.values.shape if self.values.ndim == 2 else (0, 0)
        if not high or self.side[0] <= high:
            return ""
        return f"{-(-self.side[0] // high)}×{-(-self.side[1] // wide)} pixels are one"


def unit_name(arrays: Arrays, info: DataInfo | None, *, decides: bool) -> str:
    """What was differentiated: the loss, the score of a class, or a unit by its number."""
    unit, count = (int(one) for one in arrays["unit"])
    classes = _answers(info, count) if info is not None else ()
    if unit < 0:
        return "Loss"
    if decides and count == len(classes):
        return f"Score of {visible(classes[unit])}"
    if count == 1:
        return "Output" if decides else "Value"
    return f"Unit {unit:,} of {count:,}"


def _answers(info: DataInfo, count: int) -> tuple[str, ...]:
    """The names of classes, or of the tokens that are predicted, where there are as many."""
    words = info.target_vocabulary or info.vocabulary
    return words.shown if words is not None and len(words) == count else info.classes


def read_heat(arrays: Arrays, info: DataInfo | None, quantity: str, *, decides: bool) -> Heat | None:
    """The heat in a frame of arrays; None where there is none."""
    heat = arrays.get("heat")
    if heat is None or not heat.size:
        return None
    values = np.nan_to_num(np.asarray(heat, np.float32))
    under = arrays.get("input")
    signed = bool(arrays["signed"]) if "signed" in arrays else False
    about, value = unit_name(arrays, info, decides=decides), float(arrays["value"])
    if values.ndim == 2:
        side = tuple(int(one) for one in arrays["side"])
        found = Heat(PICTURE, values, under, signed, about, value, quantity, side=(side[0], side[1]))
        return replace(found, decides=decides)
    kind = COLUMNS
    if under is not None and np.issubdtype(under.dtype, np.integer):
        kind = TOKENS
    elif under is not None and under.ndim == 2:
        kind = STEPS
    names = _names(kind, values, under, info)
    total = int(arrays["total"]) if "total" in arrays else len(values)
    return Heat(kind, values, under, signed, about, value, quantity, names, total)


def _names(
    kind: str, values: FloatArray, under: NDArray[np.generic] | None, info: DataInfo | None
) -> tuple[str, ...]:
    if kind == TOKENS and under is not None:
        known: tuple[str, ...] = ()
        if info is not None:
            known = info.vocabulary.shown if info.vocabulary is not None else info.classes
        return tuple(known[one] if 0 <= one < len(known) else str(one) for one in under.tolist())
    columns = info.columns if info is not None and kind == COLUMNS else ()
    if len(columns) >= len(values):
        return columns[: len(values)]
    return tuple(f"x{index + 1}" for index in range(len(values)))
