"""Positions of a sequence: as indices, as turned features, as what attention adds; and segments of a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label, given_weights
from nodes.shared.masks import check_step_mask, step_mask_port
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn


class Positions(Layer):
    """Numbers the steps of a sequence, 0, 1, 2, …: an embedding of them is what BERT and GPT add to words.

    Input `(N, time, …)`, output whole numbers `(N, time)`. With a mask `(N, time)` only steps where it is not
    0 are counted, so that a text that is filled up in front begins with 0.
    """

    family = Family.ATTENTION
    aliases = ("position ids", "range", "arange", "index of a step", "learned positions", "bert", "gpt")
    inputs = (Port("input", "a sequence (N, time, …)", dtype="any", ranks=(2, 3, 4, 5)), step_mask_port())
    outputs = (Port("output", dtype="any"),)
    passes_gradients = False

    def build(self, sequence: TensorSpec, _mask: TensorSpec | None) -> nn.Module:
        from nodes.modules.sequences.positions import Positions as Module

        return Module()

    def check(self, sequence: TensorSpec, mask: TensorSpec | None) -> None:
        check_step_mask(mask, sequence)

    def output_classes(self, sequence: TensorSpec, mask: TensorSpec | None) -> Mapping[str, int]:
        return {"output": known(sequence.shape[1])}


class SegmentIds(Layer):
    """Numbers the parts of a text between separators: 0 up to the first and with it, then 1.

    Input tokens `(N, time)`, output whole numbers `(N, time)`; what comes after the last part is counted to
    it. An embedding of them tells BERT sentence A from sentence B (Devlin et al., 2019).
    """

    title = "Segment ids"
    family = Family.ATTENTION
    aliases = ("token type ids", "sentence a and b", "bert", "separator", "next sentence")
    inputs = (Port("input", "tokens (N, time)", dtype="int", ranks=(2,)),)
    outputs = (Port("output", dtype="any"),)
    passes_gradients = False

    separator = Int(3, min=0, max=1 << 24, help="The token that ends a part.")
    segments = Int(2, min=1, max=65536, help="How many parts there are at most.")

    def build(self, tokens: TensorSpec) -> nn.Module:
        from nodes.modules.sequences.positions import SegmentIds as Module

        return Module(self.separator, self.segments)

    def check(self, tokens: TensorSpec) -> None:
        if tokens.classes is not None and self.separator >= tokens.classes:
            most = tokens.classes - 1
            raise LayerError(
                f"a separator that is a token, from 0 to {most}",
                f"{self.separator}",
                fixes=(SetParam("separator", most),),
            )

    def output_classes(self, tokens: TensorSpec) -> Mapping[str, int]:
        return {"output": self.segments}

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 8), "int64", classes=max(10, self.separator + 1)),)

    def card_label(self) -> str:
        return f"{self.segments} parts"


class RotaryEmbedding(Layer):
    """Turns pairs of features by angles that grow with the position: products then tell distances apart.

    Input and output `(N, T, F)` or `(N, heads, T, d)`, queries or keys of an attention. Pair i of d features
    turns by position · base^(−2i/d). From Su et al. (2021), RoFormer.
    """

    title = "Rotary embedding"
    family = Family.ATTENTION
    keeps_dimensions = True
    aliases = ("rope", "rotary", "positions", "roformer", "llama", "relative positions")
    inputs = (Port("input", "queries or keys (N, T, F) or (N, heads, T, d)", ranks=(3, 4)),)

    base = Float(
        10_000.0, min=1.0001, max=1e9, log=True, help="The slowest pair turns once in 2π·base steps."
    )
    pairs = Choice(
        "halves",
        choices=("halves", "neighbours"),
        help="Feature i goes with that in the middle + i (LLaMA), or with its neighbour (RoFormer).",
    )

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.sequences.positions import RotaryEmbedding as Module

        return Module(self.base, self.pairs == "neighbours")

    def check(self, features: TensorSpec) -> None:
        size = known(features.shape[-1])
        if size % 2:
            raise LayerError("an even number of features, for pairs", f"{size} in {features}", port="input")

    def card_label(self) -> str:
        return "" if self.pairs == "halves" else self.pairs


class RelativePositionBias(Layer):
    """Learns how much positions attend to each other by their distance alone; goes into a mask port.

    From a sequence `(N, T, …)`, and of other keys `(N, S, …)`, it makes numbers `(N, heads, T, S)` that are
    added to the scores of an attention: one for each head and bucket of distances, near ones with a bucket of
    their own, far ones on a logarithmic scale. Drawn from a normal of deviation 0.02. From Raffel et al.
    (2020), T5.
    """

    title = "Relative position bias"
    family = Family.ATTENTION
    aliases = ("t5", "relative positions", "relative attention", "bias", "distance", "buckets")
    inputs = (
        Port("input", "the queries' sequence (N, T, …)", dtype="any", ranks=(3, 2, 4), side=True),
        Port("key", "the keys' sequence (N, S, …); by default the same", "any", (3, 2, 4), optional=True),
    )
    outputs = (Port("output", "(N, heads, T, S)", side=True),)

    num_heads = Int(4, min=1, max=256, label="Heads", help="Number of heads of the attention.")
    num_buckets = Int(32, min=4, max=65536, label="Buckets", help="How many distances are told apart.")
    max_distance = Int(128, min=2, max=1 << 20, help="From this distance on all are alike.")
    causal = Bool(False, help="Tell only distances to what came before apart, for a causal attention.")
    given = given_weights.given_param()

    def build(self, sequence: TensorSpec, _key: TensorSpec | None) -> nn.Module:
        from nodes.modules.sequences.positions import RelativePositionBias as Module

        return Module(self.num_heads, self.num_buckets, self.max_distance, self.causal)

    def check(self, sequence: TensorSpec, key: TensorSpec | None) -> None:
        near = self.num_buckets // (2 if self.causal else 4)
        if self.max_distance <= near:
            raise LayerError(
                f"a greatest distance above {near}: so many have a bucket of their own",
                f"{self.max_distance}",
                fixes=(SetParam("max_distance", 4 * near),),
            )
        if key is not None and key.shape[0] != sequence.shape[0]:
            raise LayerError(f"keys for {sequence.shape[0]} samples", str(key), port="key")

    def card_label(self) -> str:
        return card_label.line(
            f"{self.num_heads} heads" if self.num_heads > 1 else "1 head", f"{self.num_buckets} buckets"
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        total = self.num_buckets * self.num_heads
        return f"{self.num_buckets}·{self.num_heads} = {total:,} weights"
