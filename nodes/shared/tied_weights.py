"""Tied weights: a layer that takes one of its tensors from another layer instead of having its own.

Declares the parameter and its words. Which tensor a path means, and whether it fits, `engine.expand.tying`
finds; `nodes.modules.values.tied` puts it in place.
"""

from __future__ import annotations

from nodes.param import WEIGHTED, Paths


def tied_param() -> Paths:
    """The parameter `tied_to`; each declaration needs its own."""
    return Paths(
        "",
        form="one",
        suggestions=WEIGHTED,
        advanced=True,
        label="Tied to",
        help="Path of a layer of this graph whose weights it takes, transposed where needed; empty: its own.",
    )


def label(path: str) -> str:
    """What a card says of it."""
    return "tied" if path.strip() else ""
