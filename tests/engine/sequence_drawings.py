"""Drawings of sequence networks out of single layers: layers of a transformer, translations with masks."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec

from engine.document.project import MAIN, Project
from tests.drawings import Step, graph, wire

PAIRS: dict[str, Any] = {"dataset": "english-spanish", "length": 10, "vocabulary_size": 200}


class Drawn:
    """Nodes and wires of a graph as they are drawn, one after the other."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.wires: list[str] = []

    def add(self, node: str, layer: str, *sources: str, ports: str = "input", **params: Any) -> str:
        """A node with wires from these sources, to the ports of these names; its id."""
        self.steps.append((node, layer, params))
        names = ports.split()
        targets = [names[min(i, len(names) - 1)] for i in range(len(sources))]
        wired = [(source, port) for source, port in zip(sources, targets, strict=True) if source]
        self.wires += [f"{source} -> {node}.{port}" for source, port in wired]
        return node

    def project(self) -> Project:
        order = count()
        drawn = graph(self.steps)
        wires = tuple(wire(text, next(order)) for text in self.wires)
        return Project(graphs={MAIN: msgspec.structs.replace(drawn, wires=wires)})


def residual(drawn: Drawn, name: str, x: str, branch: Any, *, norm_first: bool) -> str:
    """x and what a branch makes of it, added, with a layer norm before the branch or behind the sum."""
    entering = drawn.add(f"{name}_norm", "layer_norm", x) if norm_first else x
    total = drawn.add(f"{name}_add", "add", x, branch(entering))
    return total if norm_first else drawn.add(f"{name}_norm", "layer_norm", total)


def attends(drawn: Drawn, name: str, x: str, other: str, masks: tuple[str, str], **params: Any) -> str:
    """Multi-head attention of x to another sequence, or to itself; masks without a name are left open."""
    ports = "query key mask key_mask"
    return drawn.add(name, "multi_head_attention", x, other, *masks, ports=ports, **params)


def feeds(drawn: Drawn, name: str, x: str, size: int, hidden: int, activation: str) -> str:
    inner = drawn.add(f"{name}_in", "linear", x, out_features=hidden, activation=activation)
    return drawn.add(f"{name}_out", "linear", inner, out_features=size)


def layer_of(
    drawn: Drawn,
    name: str,
    x: str,
    *,
    size: int,
    hidden: int,
    heads: int,
    masks: tuple[str, str] = ("", ""),
    memory: str = "",
    memory_masks: tuple[str, str] = ("", ""),
    causal: bool = False,
    norm_first: bool = False,
    activation: str = "relu",
) -> str:
    """A transformer's encoder layer, or with a memory its decoder layer, out of single layers."""
    own: dict[str, Any] = {"num_heads": heads, "causal": causal}

    def itself(y: str) -> str:
        return attends(drawn, f"{name}_attn", y, "", masks, **own)

    def there(y: str) -> str:
        return attends(drawn, f"{name}_look", y, memory, memory_masks, num_heads=heads)

    def fed(y: str) -> str:
        return feeds(drawn, f"{name}_feed", y, size, hidden, activation)

    x = residual(drawn, f"{name}_self", x, itself, norm_first=norm_first)
    if memory:
        x = residual(drawn, f"{name}_cross", x, there, norm_first=norm_first)
    return residual(drawn, f"{name}_feed", x, fed, norm_first=norm_first)


def translation(size: int = 32, **data: Any) -> Project:
    """English to Spanish: an encoder and a decoder layer with positions, key masks and a causal mask; what is
    filled up counts nowhere."""
    drawn = Drawn()
    given = {**PAIRS, **data}
    drawn.add("data", "data", **given)
    words = drawn.add("words", "embedding", "data.input", embedding_dim=size)
    source = drawn.add("places", "positional_encoding", words, "data.mask", ports="input mask")
    so_far = drawn.add("so_far", "embedding", "data.decoder_input", embedding_dim=size)
    target = drawn.add("steps", "positional_encoding", so_far)
    sizes: dict[str, Any] = {"size": size, "hidden": 2 * size, "heads": 4}
    memory = layer_of(drawn, "encoder", source, masks=("", "data.mask"), **sizes)
    made = layer_of(
        drawn,
        "decoder",
        target,
        memory=memory,
        masks=("", "data.target_mask"),
        memory_masks=("", "data.mask"),
        causal=True,
        **sizes,
    )
    logits = drawn.add("logits", "linear", made, out_features=given["vocabulary_size"])
    measured = (logits, "data.target", "data.target_mask")
    loss = drawn.add("loss", "cross_entropy", *measured, ports="logits label weight", weighted=True)
    for name in ("accuracy", "perplexity"):
        drawn.add(name, name, *measured, ports="logits label weight", weighted=True)
    drawn.add("objective", "objective", f"{loss}.loss", ports="loss", learning_rate=3e-3)
    drawn.add("output", "output", logits)
    return drawn.project()


def masked_recurrent(kind: str, size: int = 16) -> Project:
    """English to Spanish by a recurrent encoder, and a decoder that goes on from its end."""
    drawn = Drawn()
    drawn.add("data", "data", **PAIRS)
    words = drawn.add("words", "embedding", "data.input", embedding_dim=size)
    so_far = drawn.add("so_far", "embedding", "data.decoder_input", embedding_dim=size)
    states = ("state", "cell") if kind == "lstm" else ("state",)
    drawn.add("encoder", kind, words, "data.mask", ports="input mask", hidden_size=size, states=True)
    ends = [f"encoder.{name}" for name in states]
    ports = " ".join(("input", "mask", *states))
    made = drawn.add("decoder", kind, so_far, "data.target_mask", *ends, ports=ports, hidden_size=size)
    pooled = drawn.add("pooled", "sequence_pool", made, "data.target_mask", ports="input mask")
    drawn.add("row", "reshape", pooled, shape=[1, size])
    both = drawn.add("both", "add", made, "row")
    logits = drawn.add("logits", "linear", both, out_features=PAIRS["vocabulary_size"])
    measured = (logits, "data.target", "data.target_mask")
    loss = drawn.add("loss", "cross_entropy", *measured, ports="logits label weight", weighted=True)
    drawn.add("objective", "objective", f"{loss}.loss", ports="loss", learning_rate=3e-3)
    return drawn.project()
