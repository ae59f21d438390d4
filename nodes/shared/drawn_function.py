"""What a sampler is given and returns: the function drawn between its ports, and where its inputs come from.

Values only. Samplers are declared in `nodes.training`, their loops are in `nodes.modules`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nodes.spec import Layer, TensorSpec

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from nodes.reading.texts.vocabulary import Vocabulary

Function = Callable[[Mapping[str, "Tensor"]], Mapping[str, "Tensor"]]
"""Values of the fed ports (the pinned ones where left out) -> values at the result ports."""
Found = dict[str, Any]
"""What a sampler found: `samples` (n, …), `trail` (k, n, …), `real` (m, …), `label` (n) as tensors, `text` or
the `prompt` of each as a list of n, `trail_steps` as a list of k, `columns`, how many samples make a row."""
ON_THE_WAY = "way_"
"""How names in `Found` begin of what was computed on the way: for looking, kept with no samples."""
Loop = Generator[None, None, Found]
"""Pauses after every call of the function, where the engine may stop it or do something else."""


@dataclass(frozen=True)
class Origin:
    """Where the wire of a fed port comes from: the node's path and layer, its output port, and the spec."""

    path: str
    layer: Layer
    port: str
    spec: TensorSpec


@dataclass(frozen=True)
class Drawn:
    """The function that is drawn between a sampler's fed and result ports, and what surrounds it.

    `pinned` holds the values that the drawing itself has at the fed ports, `(rows, …)`. `generator` is on
    the CPU, whatever their device, and belongs to this loop. `results` has the specs at the result ports.
    `alphabet` lists the characters where the data are a text, `vocabularies` have the tokens of fed ports
    whose values are made of texts.
    """

    function: Function
    pinned: Mapping[str, Tensor]
    generator: torch.Generator
    origins: Mapping[str, Origin] = field(default_factory=dict)
    results: Mapping[str, TensorSpec] = field(default_factory=dict)
    alphabet: tuple[str, ...] = ()
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
