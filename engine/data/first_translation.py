"""A first network for texts with translations, or pictures with captions: one part reads what is given,
another goes on from there token by token.

The decoder is given the target so far and is taught the next token; what is filled up counts nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.data.first_places import BELOW, Cell, placed
from engine.document.project import End, Graph, Layout, Node, Wire
from nodes.data.source import DataSource
from nodes.param import JSON
from nodes.reading.dataset import DataInfo

Placed = tuple[str, str, dict[str, JSON], Cell]
"""Id, layer and parameters of a node, its column and its row."""
DECODER_INPUT = "decoder_input"
_SIZE = 128
PADDING = 0
"""The token that fills up."""


def is_filled_up(info: DataInfo) -> bool:
    """Whether targets are tokens that are filled up, which a mask tells."""
    target = info.target
    is_masked = any(port == "mask" for port, _ in info.more)
    return is_masked and target is not None and not target.is_float and target.rank > 1


def is_translation(info: DataInfo) -> bool:
    """Whether the data have the input of a decoder, and tokens to predict."""
    has_input = any(port == DECODER_INPUT for port, _ in info.more)
    return has_input and info.target is not None and info.target.classes is not None


def translation(data: Mapping[str, JSON], info: DataInfo, rate: float) -> Graph:
    """An encoder and a decoder for the data of these parameters; `is_translation` must hold."""
    assert info.target is not None
    assert info.target.classes is not None
    ignored: dict[str, JSON] = {"ignore_index": [PADDING]}
    is_picture = info.input.is_float
    encoder, state = _sees() if is_picture else _reads()
    nodes: tuple[Placed, ...] = (
        ("data", DataSource.type, dict(data), (0, 0)),
        *encoder,
        ("so_far", "embedding", {}, (1, 1)),
        ("decoder", "gru", {"hidden_size": _SIZE}, (2, 1)),
        ("logits", "linear", {"out_features": info.target.classes}, (3, 1)),
        ("loss", "cross_entropy", ignored, (4, 1)),
        ("objective", "objective", {"learning_rate": rate}, (5, 1)),
        ("accuracy", "accuracy", ignored, (4, 1 + BELOW)),
        ("output", "output", {"name": "caption" if is_picture else "translation"}, (4, 1 + 2 * BELOW)),
    )
    chain = ["data.input", *(f"{key}.output" for key, *_ in encoder)]
    wires = (
        *((before, f"{key}.input") for before, (key, *_) in zip(chain, encoder, strict=False)),
        (state, "decoder.state"),
        (f"data.{DECODER_INPUT}", "so_far.input"),
        ("so_far.output", "decoder.input"),
        ("decoder.output", "logits.input"),
        ("logits.output", "loss.logits"),
        ("data.target", "loss.label"),
        ("loss.loss", "objective.loss"),
        ("logits.output", "accuracy.logits"),
        ("data.target", "accuracy.label"),
        ("logits.output", "output.input"),
    )
    made = {key: Node(key, layer, dict(params)) for key, layer, params, _ in nodes}
    return Graph(
        made,
        tuple(sorted(Wire(_end(source), _end(target)) for source, target in wires)),
        layout=Layout(placed(made, {key: cell for key, _, _, cell in nodes}, info.input)),
    )


def _reads() -> tuple[tuple[Placed, ...], str]:
    """What reads a text, and where its last state is."""
    words: Placed = ("words", "embedding", {}, (1, 0))
    return (words, ("encoder", "gru", {"hidden_size": _SIZE, "states": True}, (2, 0))), "encoder.state"


def _sees() -> tuple[tuple[Placed, ...], str]:
    """What looks at a picture, and where what it sees is."""
    half: dict[str, JSON] = {"stride": 2, "padding": 1, "activation": "relu"}
    convolutions: tuple[Placed, ...] = tuple(
        (f"conv{at + 1}", "conv2d", {**half, "out_channels": width}, (at + 1, 0))
        for at, width in enumerate((32, 64, 64))
    )
    seen: Placed = ("seen", "linear", {"out_features": _SIZE, "activation": "tanh"}, (5, 0))
    return (*convolutions, ("flatten", "flatten", {}, (4, 0)), seen), "seen.output"


def _end(text: str) -> End:
    node, _, port = text.partition(".")
    return End(node, port)
