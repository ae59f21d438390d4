"""The output specs of a source: from the description of its data set, or from its declaration.

Reads headers only; does not import torch by itself.
"""

from __future__ import annotations

from engine.data.catalogue import describe
from engine.data.fingerprint import change_of
from engine.infer.outcome import LayerFault, Outcome
from engine.report import NodeReport
from nodes.data.source import DataSource, DrawnSource
from nodes.reading.error import DataError
from nodes.spec import Layer


def outcome_of_source(layer: Layer) -> Outcome:
    """The outcome of a source layer. Not cached, because files change."""
    if isinstance(layer, DrawnSource):
        return Outcome(NodeReport(outputs={layer.output_ports()[0].name: layer.spec()}))
    if not isinstance(layer, DataSource):
        expected, received = "a data set, or a source that draws its values", repr(layer.type)
        message = f"{layer.title}: Expected {expected}. Received {received}."
        return Outcome(NodeReport(), fault=LayerFault(message, expected, received))
    try:
        info = describe(layer)
    except DataError as error:
        return Outcome(NodeReport(), fault=LayerFault(f"{layer.title}: {error}"))
    outputs = {"input": info.input}
    if info.target is not None:
        outputs["target"] = info.target
    outputs |= dict(info.more)
    return Outcome(NodeReport(outputs=outputs, data=info, changed=change_of(layer)))
