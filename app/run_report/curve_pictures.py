"""Curves of a run as SVG: losses as they were trained, validation over them; drawn without any library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from engine.runs.curves import Curves, Series

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 260, 72, 12, 12, 30
MOST_POINTS = 600
COLOURS = ("#4c9aff", "#e6a23c", "#45b8c9", "#e58fc0", "#9aa657", "#c58af9")


@dataclass(frozen=True)
class CurvePicture:
    """One chart: its title, the SVG, and its curves with colour, last and best value in words."""

    title: str
    svg: str
    legend: tuple[tuple[str, str, str], ...]


def curve_pictures(curves: Curves) -> list[CurvePicture]:
    """Losses with the validation of the same objective in one chart, and a chart for each metric."""
    found = []
    for name, series in curves.losses.items():
        both = {"training": series}
        if name in curves.validation:
            both["validation"] = curves.validation[name]
        found.append(_chart(f"Loss of {name}", both, is_loss=True))
    metrics = {name: series for name, series in curves.validation.items() if name not in curves.losses}
    return found + [_chart(name, {name: series}) for name, series in metrics.items()]


def _chart(title: str, series: Mapping[str, Series], *, is_loss: bool = False) -> CurvePicture:
    sound = {name: _finite(steps, values) for name, (steps, values) in series.items()}
    everything = np.concatenate([values for _, values in sound.values()])
    steps = np.concatenate([steps for steps, _ in sound.values()])
    if not len(everything):
        return CurvePicture(title, "", ((COLOURS[0], title, "no finite value"),))
    low, high = float(everything.min()), float(np.quantile(everything, 0.995))
    high = max(high, low + 1e-12 + abs(low) * 1e-9)
    last = float(max(steps.max(), 1))
    lines = [_axes(low, high, last)]
    legend = []
    for place, (name, (at, values)) in enumerate(sound.items()):
        colour = COLOURS[place % len(COLOURS)]
        is_raw = is_loss and name == "training"
        if is_raw:
            lines.append(_line(at, values, low, high, last, colour, 1.0, 0.35))
            values = _smooth(values)
        lines.append(_line(at, values, low, high, last, colour, 1.6 if is_raw else 2.4, 1.0))
        if len(values):
            best = values.min() if is_loss else values.max()
            words = f"{_number(float(values[-1]))} at the end, best {_number(float(best))}"
            legend.append((colour, name, words))
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"'
    return CurvePicture(title, f"<svg {box}>{''.join(lines)}</svg>", tuple(legend))


def _finite(steps: NDArray[np.int64], values: NDArray[np.float64]) -> Series:
    kept = np.isfinite(values)
    return steps[kept], values[kept]


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """A running mean over at most 2 % of the steps."""
    width = max(1, len(values) // 50)
    if width == 1:
        return values
    summed = np.cumsum(np.insert(values, 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - width)
    found: NDArray[np.float64] = (summed[ends] - summed[starts]) / (ends - starts)
    return found


def _line(
    steps: NDArray[np.int64],
    values: NDArray[np.float64],
    low: float,
    high: float,
    last: float,
    colour: str,
    width: float,
    opacity: float,
) -> str:
    places = _thinned(values)
    x = LEFT + steps[places] / last * (WIDTH - LEFT - RIGHT)
    y = TOP + (1.0 - (np.clip(values[places], low, high) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    style = f'fill="none" stroke="{colour}" stroke-width="{width}" opacity="{opacity}"'
    return f'<polyline points="{points}" {style} stroke-linejoin="round"/>'


def _thinned(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of the least and the greatest value of each part, so that no peak is lost."""
    if len(values) <= MOST_POINTS:
        return np.arange(len(values))
    parts = np.array_split(np.arange(len(values)), MOST_POINTS // 2)
    found = [place for part in parts for place in (part[values[part].argmin()], part[values[part].argmax()])]
    return np.unique(np.array([0, *found, len(values) - 1]))


def _axes(low: float, high: float, last: float) -> str:
    """Three hairlines with their values, and the steps below."""
    lines = []
    for share in (0.0, 0.5, 1.0):
        y = TOP + share * (HEIGHT - TOP - BOTTOM)
        value = _number(high - share * (high - low))
        lines.append(f'<line class="hair" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        lines.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    foot = HEIGHT - 6
    lines.append(f'<text class="tick" x="{LEFT}" y="{foot}">step 0</text>')
    lines.append(
        f'<text class="tick" x="{WIDTH - RIGHT}" y="{foot}" text-anchor="end">step {last:,.0f}</text>'
    )
    return "".join(lines)


def _number(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    return f"{value:.4g}"
