"""A first network for texts with translations: one reads a text to its end, another goes on from there.

The decoder is given the target so far and is taught the next token; what is filled up counts nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.document.project import End, Graph, Layout, Node, Point, Wire
from nodes.data.source import DataSource
from nodes.param import JSON
from nodes.reading.dataset import DataInfo

DECODER_INPUT = "decoder_input"
_COLUMN, _ROW = 184.0, 248.0
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
    nodes: tuple[tuple[str, str, dict[str, JSON], tuple[int, int]], ...] = (
        ("data", DataSource.type, dict(data), (0, 0)),
        ("words", "embedding", {}, (1, 0)),
        ("encoder", "gru", {"hidden_size": _SIZE, "states": True}, (2, 0)),
        ("so_far", "embedding", {}, (1, 1)),
        ("decoder", "gru", {"hidden_size": _SIZE}, (2, 1)),
        ("logits", "linear", {"out_features": info.target.classes}, (3, 1)),
        ("loss", "cross_entropy", ignored, (4, 1)),
        ("objective", "objective", {"learning_rate": rate}, (5, 1)),
        ("accuracy", "accuracy", ignored, (4, 2)),
        ("output", "output", {"name": "translation"}, (4, 3)),
    )
    wires = (
        ("data.input", "words.input"),
        ("words.output", "encoder.input"),
        (f"data.{DECODER_INPUT}", "so_far.input"),
        ("so_far.output", "decoder.input"),
        ("encoder.state", "decoder.state"),
        ("decoder.output", "logits.input"),
        ("logits.output", "loss.logits"),
        ("data.target", "loss.label"),
        ("loss.loss", "objective.loss"),
        ("logits.output", "accuracy.logits"),
        ("data.target", "accuracy.label"),
        ("logits.output", "output.input"),
    )
    return Graph(
        {key: Node(key, layer, dict(params)) for key, layer, params, _ in nodes},
        tuple(sorted(Wire(_end(source), _end(target)) for source, target in wires)),
        layout=Layout({key: Point(_COLUMN * x, _ROW * y) for key, _, _, (x, y) in nodes}),
    )


def _end(text: str) -> End:
    node, _, port = text.partition(".")
    return End(node, port)
