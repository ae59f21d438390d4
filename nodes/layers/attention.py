"""Attention: each position of a sequence (N, time, features) looks at others and takes from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label, given_weights
from nodes.shared.masks import (
    check_key_mask,
    check_mask,
    check_step_mask,
    key_mask_port,
    mask_port,
    step_mask_port,
)
from nodes.shared.sliding_window import tensor
from nodes.spec import (
    Family,
    Inputs,
    InsertBefore,
    Layer,
    LayerError,
    Port,
    ProposedFix,
    SetParam,
    TensorSpec,
    known,
)

if TYPE_CHECKING:
    from torch import nn

_DROPOUT = "Share set to zero at random while training."
_CAUSAL = "Let each position look only at itself and what came before."
_MASKS = (mask_port(), key_mask_port())
Mask = TensorSpec | None


def _sequence(name: str, what: str, *, optional: bool = False, side: bool = False) -> Port:
    return Port(name, f"{what} (N, time, features)", ranks=(3,), optional=optional, side=side)


def check_heads(features: int, heads: int, port: str) -> None:
    """Refuse heads that do not divide the features."""
    if features % heads:
        fitting = max(n for n in range(1, heads) if features % n == 0)
        raise LayerError(
            f"features that {heads} heads divide",
            f"{features}",
            port=port,
            arithmetic=card_label.remainder(features, heads),
            fixes=(SetParam("num_heads", fitting),),
        )


def token_fixes(spec: TensorSpec) -> tuple[ProposedFix, ...]:
    """How maps become sequences: patches of 4×4 from images, places one by one from small maps."""
    if spec.rank == 4 and spec.is_float:
        side = math.gcd(known(spec.shape[2]), known(spec.shape[3]), 4) if known(spec.shape[2]) >= 16 else 1
        return (InsertBefore("patches", {"size": side}),)
    return ()


class Attending(Layer):
    """What attention layers and the layers built from them share: heads that divide the features."""

    abstract = True
    family = Family.ATTENTION

    def port_fixes(self, port: Port, spec: TensorSpec) -> tuple[ProposedFix, ...]:
        return token_fixes(spec) or super().port_fixes(port, spec)


class MultiHeadAttention(Attending):
    """Several heads, each of which matches queries with keys and takes a weighted mean of the values.

    With `query` alone it is self-attention; with `key` (and `value`) it attends to another sequence. Input
    `(N, T, E)` and `(N, S, …)`, output `(N, T, E)`; the weights are `(N, heads, T, S)` and each row adds up
    to 1: softmax(QKᵀ/√d)·V. From Vaswani et al. (2017), Attention is all you need.

    A `mask` `(T, S)`, `(N, T, S)` or `(N, heads, T, S)` of bool or whole numbers is not 0 where a key may be
    seen; one of other numbers is added to the scores, −∞ hides. The `key_mask` `(N, S)` is not 0 where a key
    is real, as the mask of padded texts. They hold together, and with `causal`. A query that may see nothing
    takes zeros.
    """

    aliases = ("self-attention", "cross-attention", "mha", "transformer", "multihead", "qkv", "gpt", "bert")
    inputs = (
        _sequence("query", "what looks"),
        _sequence("key", "what is looked at", optional=True),
        _sequence("value", "what is taken; by default the keys' sequence", optional=True),
        *_MASKS,
    )

    num_heads = Int(4, min=1, max=256, label="Heads", help="Number of heads; it divides the features.")
    causal = Bool(False, help=_CAUSAL)
    dropout = Float(0.0, min=0.0, max=1.0, help="Share of the weights set to zero at random while training.")
    bias = Bool(True, advanced=True, help="Add learned constants to queries, keys, values and output.")
    rotary = Bool(
        False,
        advanced=True,
        help="Turn queries and keys by their positions, as Rotary embedding does.",
    )
    weights = Bool(False, help="Hand the attention weights out.")
    given = given_weights.given_param()

    def output_ports(self) -> tuple[Port, ...]:
        weights = (Port("weights", "(N, heads, T, S)", side=True),) if self.weights else ()
        return (*self.outputs, *weights)

    def build(self, query: TensorSpec, key: Mask, value: Mask, *_masks: Mask) -> nn.Module:
        from nodes.modules.attention import MultiHeadAttention as Module

        source = key or query
        return Module(
            known(query.shape[2]),
            self.num_heads,
            dropout=self.dropout,
            bias=self.bias,
            kdim=known(source.shape[2]),
            vdim=known((value or source).shape[2]),
            causal=self.causal,
            weights=self.weights,
            rotary=self.rotary,
        )

    def check(
        self,
        query: TensorSpec,
        key: Mask,
        value: Mask,
        mask: Mask = None,
        key_mask: Mask = None,
    ) -> None:
        check_heads(known(query.shape[2]), self.num_heads, "query")
        source = key or query
        if value is not None and value.shape[1] != source.shape[1]:
            raise LayerError(
                f"a value for each of {source.shape[1]} keys", f"{value.shape[1]} values", port="value"
            )
        if self.rotary and known(query.shape[2]) // self.num_heads % 2:
            size = known(query.shape[2]) // self.num_heads
            fixes = (SetParam("rotary", False),)
            raise LayerError("an even number of features per head, for pairs", str(size), fixes=fixes)
        scores = (query.shape[0], self.num_heads, query.shape[1], source.shape[1])
        check_mask(mask, scores, key_mask="key_mask")
        check_key_mask(key_mask, query.shape[0], source.shape[1])

    def card_label(self) -> str:
        return card_label.line(
            f"{self.num_heads} heads" if self.num_heads > 1 else "1 head", "causal" if self.causal else ""
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        size = known(tensor(inputs).shape[2])
        return f"{size} / {self.num_heads} = {size // self.num_heads} per head"


class ScaledDotProductAttention(Attending):
    """Attention without weights of its own: softmax(QKᵀ/√d)·V.

    Queries `(N, …, T, d)`, keys `(N, …, S, d)`, values `(N, …, S, v)`, output `(N, …, T, v)`; the weights are
    `(N, …, T, S)`. Masks as in multi-head attention. From Vaswani et al. (2017).
    """

    title = "DotProductAttention"
    aliases = ("scaled dot-product", "attention", "sdpa", "qkv")
    inputs = (
        Port("query", "what looks (N, …, T, d)", ranks=(3, 4)),
        Port("key", "what is looked at (N, …, S, d)", ranks=(3, 4)),
        Port("value", "what is taken (N, …, S, v)", ranks=(3, 4)),
        *_MASKS,
    )

    causal = Bool(False, help=_CAUSAL)
    scaled = Bool(True, advanced=True, help="Divide the products by √d.")
    dropout = Float(0.0, min=0.0, max=1.0, advanced=True, help="Share of the weights dropped while training.")
    weights = Bool(False, help="Hand the attention weights out.")

    def output_ports(self) -> tuple[Port, ...]:
        weights = (Port("weights", "(N, …, T, S)", side=True),) if self.weights else ()
        return (*self.outputs, *weights)

    def build(self, query: TensorSpec, key: TensorSpec, value: TensorSpec, *_masks: Mask) -> nn.Module:
        from nodes.modules.attention import DotProductAttention as Module

        return Module(self.causal, self.scaled, self.dropout, self.weights)

    def check(
        self,
        query: TensorSpec,
        key: TensorSpec,
        value: TensorSpec,
        mask: Mask = None,
        key_mask: Mask = None,
    ) -> None:
        if key.rank != query.rank or key.shape[1:-2] != query.shape[1:-2] or key.shape[-1] != query.shape[-1]:
            expected = f"keys of {query.shape[-1]} features like the queries, {query}"
            raise LayerError(expected, f"{key}", port="key")
        if value.rank != key.rank or value.shape[1:-1] != key.shape[1:-1]:
            raise LayerError(f"a value for each of {key.shape[-2]} keys, {key}", f"{value}", port="value")
        check_mask(mask, (*query.shape[:-1], key.shape[-2]), key_mask="key_mask")
        check_key_mask(key_mask, query.shape[0], key.shape[-2])

    def card_label(self) -> str:
        return "causal" if self.causal else ""


class PositionalEncoding(Attending):
    """Adds to each position of a sequence a vector that tells where it is; attention alone could not know.

    Input and output `(N, T, F)`. Sinusoidal: fixed waves of growing length (Vaswani et al., 2017). Learned:
    a table that is trained, as in BERT and ViT (drawn from a normal of deviation 0.02). With a mask `(N, T)`
    only positions where it is not 0 are counted: a text that is filled up in front begins at the first.
    """

    aliases = ("position", "sinusoidal", "learned positions", "transformer", "positional embedding")
    inputs = (_sequence("input", "a sequence"), step_mask_port())

    kind = Choice("sinusoidal", choices=("sinusoidal", "learned"), help="Fixed waves, or a learned table.")
    max_length = Int(
        0,
        min=0,
        max=1 << 20,
        help="Longest sequence that the table has room for; 0: as drawn.",
        visible_if=("kind", ("learned",)),
    )
    dropout = Float(0.0, min=0.0, max=1.0, help=_DROPOUT)
    given = given_weights.given_param()

    def build(self, sequence: TensorSpec, _mask: Mask = None) -> nn.Module:
        from nodes.modules.sequences import positions

        length, features = known(sequence.shape[1]), known(sequence.shape[2])
        if self.kind == "learned":
            return positions.LearnedPositions(self.max_length or length, features, self.dropout)
        return positions.SinusoidalPositions(length, features, self.dropout)

    def check(self, sequence: TensorSpec, mask: Mask = None) -> None:
        check_step_mask(mask, sequence)
        length = known(sequence.shape[1])
        if self.kind == "learned" and self.max_length and length > self.max_length:
            raise LayerError(
                f"sequences of at most {self.max_length}",
                f"{length} in {sequence}",
                port="input",
                fixes=(SetParam("max_length", length), SetParam("max_length", 0)),
            )

    def card_label(self) -> str:
        return self.kind


class TransformerLayer(Attending):
    """What encoder and decoder layers share."""

    abstract = True

    num_heads = Int(4, min=1, max=256, label="Heads", help="Number of heads; it divides the features.")
    dim_feedforward = Int(
        256, min=1, max=1 << 17, label="Feed-forward", help="Units between its two dense layers."
    )
    dropout = Float(0.1, min=0.0, max=1.0, help=_DROPOUT)
    activation = Choice("relu", choices=("relu", "gelu"), help="Between the two dense layers.")
    norm_first = Bool(False, help="Normalise before attention and feed-forward (GPT) instead of after.")
    causal = Bool(False, help=_CAUSAL)
    given = given_weights.given_param()

    def check_own(self, sequence: TensorSpec, mask: Mask, key_mask: Mask) -> None:
        """Refuse masks that do not fit the attention of a sequence to itself."""
        batch, length = sequence.shape[:2]
        check_mask(mask, (batch, self.num_heads, length, length), key_mask="key_mask")
        check_key_mask(key_mask, batch, length)

    def card_label(self) -> str:
        return card_label.line(
            f"{self.num_heads} heads" if self.num_heads > 1 else "1 head",
            f"ff {self.dim_feedforward}",
            "causal" if self.causal else "",
        )

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        size = known(tensor(inputs).shape[2])
        return f"{size} / {self.num_heads} = {size // self.num_heads} per head"


class TransformerEncoderLayer(TransformerLayer):
    """Self-attention, then two dense layers, each with a shortcut around it and a layer norm.

    Input and output `(N, T, F)`. Causal and norm-first it is a layer of GPT. Masks say what the attention may
    see, as in multi-head attention; filled up positions leave with values that nothing should read. From
    Vaswani et al. (2017).
    """

    aliases = ("transformer", "encoder", "bert", "gpt", "vit", "block")
    inputs = (_sequence("input", "a sequence"), *_MASKS)

    def build(self, sequence: TensorSpec, *_masks: Mask) -> nn.Module:
        from nodes.modules.attention import TransformerEncoderLayer as Module

        return Module(
            known(sequence.shape[2]),
            self.num_heads,
            self.dim_feedforward,
            self.dropout,
            self.activation,
            self.norm_first,
            self.causal,
        )

    def check(self, sequence: TensorSpec, mask: Mask = None, key_mask: Mask = None) -> None:
        check_heads(known(sequence.shape[2]), self.num_heads, "input")
        self.check_own(sequence, mask, key_mask)


class TransformerDecoderLayer(TransformerLayer):
    """Self-attention, attention to an encoded sequence, then two dense layers, each with a shortcut and a
    norm.

    Input `(N, T, F)` and memory `(N, S, F)`, output `(N, T, F)`. `mask` and `key_mask` are of the input,
    `memory_mask` and `memory_key_mask` of the memory, as in multi-head attention. From Vaswani et al. (2017).
    """

    aliases = ("transformer", "decoder", "translation", "seq2seq", "cross-attention")
    inputs = (
        _sequence("input", "a sequence"),
        _sequence("memory", "the encoded sequence", side=True),
        *_MASKS,
        mask_port("memory_mask", "what of the memory may be seen"),
        key_mask_port("memory_key_mask", "positions of the memory"),
    )

    causal = Bool(True, help=_CAUSAL)

    def build(self, sequence: TensorSpec, memory: TensorSpec, *_masks: Mask) -> nn.Module:
        from nodes.modules.attention import TransformerDecoderLayer as Module

        return Module(
            known(sequence.shape[2]),
            self.num_heads,
            self.dim_feedforward,
            self.dropout,
            self.activation,
            self.norm_first,
            self.causal,
        )

    def check(
        self,
        sequence: TensorSpec,
        memory: TensorSpec,
        mask: Mask = None,
        key_mask: Mask = None,
        memory_mask: Mask = None,
        memory_key_mask: Mask = None,
    ) -> None:
        check_heads(known(sequence.shape[2]), self.num_heads, "input")
        if memory.shape[2] != sequence.shape[2]:
            raise LayerError(
                f"a memory of {sequence.shape[2]} features, as the input has",
                f"{memory}",
                port="memory",
                fixes=(InsertBefore("linear", {"out_features": known(sequence.shape[2])}),),
            )
        self.check_own(sequence, mask, key_mask)
        (batch, length), keys = sequence.shape[:2], memory.shape[1]
        scores = (batch, self.num_heads, length, keys)
        check_mask(memory_mask, scores, key_mask="memory_key_mask", port="memory_mask")
        check_key_mask(memory_key_mask, batch, keys, "memory_key_mask")
