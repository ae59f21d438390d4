"""Scores become probabilities as a sampler makes them: temperature, top-k, softmax, top-p.

Plain numbers, computed in the window, so that a change of the temperature is seen at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.cell.wording import factor, told
from nodes.reading.dataset import DataInfo

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Controls:
    """How the next one is drawn; `top_k` 0 keeps all."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


@dataclass(frozen=True, eq=False)
class ShareTable:
    """Classes, the likeliest first: logits, logits / T, the softmax over what top-k keeps (0 for the others),
    and what is left after top-p, which adds up to 1.
    """

    names: tuple[str, ...]
    logits: Floats
    scaled: Floats
    softmax: Floats
    final: Floats
    controls: Controls
    total: int
    target: int
    """The row of the true class; −1 where it is not known or not there."""
    position: tuple[int, int]
    normalised: bool

    @property
    def kept(self) -> int:
        """How many may be drawn."""
        return int((self.final > 0).sum())

    @property
    def kept_by_k(self) -> int:
        return int((self.softmax > 0).sum())

    def counts(self, shown: int) -> str:
        """How many are shown and how many may be drawn, of how many."""
        words = f"{min(shown, len(self.names)):,} of {self.total:,} shown"
        if len(self.names) < self.total:
            words += f" · softmax over the {len(self.names):,} largest of {self.total:,}"
        if self.kept < self.total:
            words += f" · {self.kept:,} may be drawn"
        if self.position[1] > 1:
            words += f" · position {self.position[0] + 1:,} of {self.position[1]:,}"
        return words + (" · the output is a softmax already: its logarithms" if self.normalised else "")

    def formula(self, row: int) -> str:
        """The softmax of a class as a fraction with its numbers, and what top-p makes of it."""
        t, z = self.controls.temperature, self.logits[row]
        name = self.names[row]
        if not self.softmax[row]:
            return f"{name}: not among the {self.kept_by_k:,} that top-k keeps"
        high, share = float(self.scaled[0]), told(float(self.softmax[row]))
        powers = np.exp(self.scaled[: self.kept_by_k] - high)
        power, whole = told(float(np.exp(self.scaled[row] - high))), told(float(powers.sum()))
        lines = [
            f"{name}: z / T = {told(float(z))} / {told(t)} = {told(float(self.scaled[row]))}",
            f"e^(z/T − {factor(high)}) / Σ = {power} / {whole} = {share}, Σ over {self.kept_by_k:,} terms",
        ]
        if self.controls.top_p < 1.0 and self.final[row]:
            held = told(float(self.softmax[self.final > 0].sum()))
            final = told(float(self.final[row]))
            lines.append(f"top-p keeps {self.kept:,} that hold {held}: {share} / {held} = {final}")
        elif self.controls.top_p < 1.0:
            above = told(float(self.softmax[:row].sum()))
            lines.append(f"left out by top-p: those above hold {above} ≥ {told(self.controls.top_p)}")
        return "\n".join(lines)


def share_table(arrays: Mapping[str, Any], controls: Controls, info: DataInfo | None) -> ShareTable | None:
    """The table of a frame; None where it has no scores, or scores of something else than the classes."""
    if "logits" not in arrays:
        return None
    logits = np.asarray(arrays["logits"], np.float64)
    total, classes = int(arrays["total"]), np.asarray(arrays["classes"])
    names = names_of(info, total)
    if names is None or not np.isfinite(logits).all():
        return None
    order = np.argsort(-logits, kind="stable")
    logits, classes = logits[order], classes[order]
    scaled, softmax, final = probabilities(logits, controls)
    position = tuple(int(one) for one in arrays["position"])
    found = np.flatnonzero(classes == int(arrays["target"]))
    return ShareTable(
        tuple(names[place] if names else str(place) for place in map(int, classes)),
        logits,
        scaled,
        softmax,
        final,
        controls,
        total,
        int(found[0]) if len(found) else -1,
        (position[0], position[1]),
        bool(arrays["normalised"]),
    )


def probabilities(logits: Floats, controls: Controls) -> tuple[Floats, Floats, Floats]:
    """Of logits that fall: those divided by the temperature, their softmax after top-k, and after top-p.

    Top-p keeps the likeliest that together reach p, the one that reaches it included (Holtzman et al., 2020).
    """
    scaled = logits / controls.temperature
    powers = np.exp(scaled - scaled[0])
    if 0 < controls.top_k < len(powers):
        powers[scaled < scaled[controls.top_k - 1]] = 0.0
    softmax = powers / powers.sum()
    final = softmax.copy()
    if controls.top_p < 1.0:
        before = np.cumsum(softmax) - softmax
        outside = before >= controls.top_p
        outside[0] = False
        final[outside] = 0.0
        final /= final.sum()
    return scaled, softmax, final


def names_of(info: DataInfo | None, count: int) -> tuple[str, ...] | None:
    """The names of so many classes or tokens, none where they have none; None: they are something else."""
    if info is None:
        return ()
    for words in (info.target_vocabulary, info.vocabulary):
        if words is not None and len(words) == count:
            return tuple(_visible(name) for name in words.shown)
    if len(info.classes) == count:
        return tuple(_visible(name) for name in info.classes)
    known = info.target.classes if info.target is not None else None
    return () if known is None or known == count else None


def _visible(name: str) -> str:
    """A name of white space alone, so that it is seen."""
    return name if name.strip() else {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(name, repr(name)[1:-1] or "∅")
