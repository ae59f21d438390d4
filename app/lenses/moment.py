"""The moment that a picture shows, in words: the step of its weights, or that nobody trained them."""

from __future__ import annotations

from engine.messages.events import FRESH, LensFrame

FRESH_WORDS = "fresh weights"


def step_words(frame: LensFrame) -> str:
    """Whose weights a frame shows: "fresh weights", "step 469", "step 469, partly fresh"."""
    if frame.step == FRESH:
        return FRESH_WORDS
    return f"step {frame.step:,}" + (", partly fresh" if frame.partly else "")


def moment_words(frame: LensFrame, sample: str, *, live: bool) -> str:
    """What a note says of a frame. `sample`: the words for the one it shows, "" for none.

    `live`: it is what a run that goes computes now, so that the step of a sample's picture need not be said.
    """
    live = live and frame.step != FRESH
    if not sample:
        return f"{'live · ' if live else ''}{step_words(frame)}"
    return sample if live else f"{sample} · {step_words(frame)}"
