"""Attention: torch's own weights, sums of 1, the fused layer's output, masks, and sequences that are long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.compile import Plan, compile  # noqa: A004
from engine.document.storage.gallery import make
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.lens import Arrays, Seen
from engine.lens.registry import LENSES
from engine.lens.sequences.attention import attention_of, mixed
from engine.messages.lens_request import LensRequest
from nodes.layers.attention import MultiHeadAttention as Declared
from nodes.modules.attention import (
    DotProductAttention,
    MultiHeadAttention,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from tests.drawings import chain

LENS = LENSES["attention_heads"]
GALLERY = {
    "gpt-moby": "layer.3.attention",
    "vit-fashion": "encoder.2.attention",
    "transformer-translation": "decoder.1.cross",
}


def computed(module: nn.Module, head: int = 0, **inputs: Tensor) -> Arrays:
    """What the lens sends of a module for what enters it."""
    given = {name: (tensor,) for name, tensor in inputs.items()}
    with torch.no_grad():
        options = {"head": head, "attends": "memory" if "memory" in inputs else "itself"}
        return LENS.compute(Seen(module=module, inputs=given, options=options))


def looked_at(plan: Plan, path: str) -> tuple[Arrays, Feeds]:
    sources = Sources(plan)
    feeds = Feeds(sources.sample(0), sources.units(), sources.held)
    found = look(plan, feeds, [LensRequest("attention_heads", path)], 0)
    assert not found.failed
    return found.frames[0].arrays, feeds


@pytest.mark.parametrize(("project", "path"), GALLERY.items())
def test_weights_times_values_are_what_the_fused_layer_says(project: str, path: str) -> None:
    plan = compile(make(project))
    arrays, feeds = looked_at(plan, path)
    assert np.abs(arrays["weights"].sum(-1) - 1.0).max() < 1e-5
    assert np.abs(arrays["small"].sum(-1) - 1.0).max() < 1e-5
    node, module = plan.nodes[path], plan.modules[path]
    assert isinstance(module, MultiHeadAttention)
    ends = [end for port in node.inputs for end in port]
    with torch.no_grad():
        plan.eval()
        output, *entering = plan.graph_of([FlatEnd(path, "output"), *ends])(feeds.pin(0))
        values = iter(entering)
        ports = zip(node.layer.input_ports(), node.inputs, strict=True)
        inputs = {port.name: tuple(next(values) for _ in held) for port, held in ports}
        attention = attention_of(module, inputs)
        assert attention is not None
        again = module.joined(mixed(attention).unsqueeze(0))
    torch.testing.assert_close(again, output, rtol=1e-5, atol=1e-5)
    full = len(arrays["weights"])
    rows = attention.rows(torch.arange(attention.sizes[1])).weights[:full]
    np.testing.assert_allclose(arrays["weights"], rows.numpy(), atol=1e-6)


def test_weights_are_those_of_torchs_own_layer() -> None:
    torch.manual_seed(1)
    ours, theirs = MultiHeadAttention(12, 3), nn.MultiheadAttention(12, 3, batch_first=True)
    ours.load_state_dict(theirs.state_dict())
    query, key = torch.randn(1, 5, 12), torch.randn(1, 7, 12)
    real = torch.tensor([[1, 1, 1, 0, 1, 1, 0]])
    _, expected = theirs(query, key, key, key_padding_mask=real == 0, average_attn_weights=False)
    arrays = computed(ours, query=query, key=key, key_mask=real)
    np.testing.assert_allclose(arrays["weights"], expected[0].detach().numpy(), atol=1e-6)
    assert arrays["sizes"].tolist() == [3, 5, 7]
    assert np.isneginf(arrays["added"][0, :, [3, 6]]).all()
    stages = arrays["products"] * arrays["scale"] + arrays["added"]
    softmax = torch.as_tensor(stages).softmax(-1)
    np.testing.assert_allclose(arrays["weights"], softmax.numpy(), atol=1e-6)


def test_causal_rotary_and_added_masks_as_a_kernel_has_them() -> None:
    torch.manual_seed(2)
    module = MultiHeadAttention(8, 2, causal=True, rotary=True).eval()
    x, mask = torch.randn(1, 6, 8), torch.randn(1, 2, 6, 6)
    q, k, _ = module.projected(x)
    past = torch.ones(6, 6, dtype=torch.bool).tril()
    scores = (q @ k.transpose(2, 3) / 2.0 + mask).masked_fill(~past, float("-inf"))
    arrays = computed(module, query=x, mask=mask)
    np.testing.assert_allclose(arrays["weights"], scores.softmax(-1)[0].detach().numpy(), atol=1e-6)
    assert (arrays["weights"][:, 0, 1:] == 0).all()


def test_a_query_that_sees_nothing_takes_nothing() -> None:
    module, x = DotProductAttention(False, True, 0.0, False), torch.randn(1, 3, 4)
    mask = torch.tensor([[1, 1, 0], [0, 0, 0], [1, 0, 0]])
    arrays = computed(module, query=x, key=x, value=x, mask=mask)
    assert arrays["weights"].sum(-1)[0].tolist() == pytest.approx([1.0, 0.0, 1.0])
    assert np.isneginf(arrays["added"][0, 1]).all()


@pytest.mark.parametrize("norm_first", [True, False])
def test_layers_of_a_transformer_attend_within(norm_first: bool) -> None:
    torch.manual_seed(3)
    encoder = TransformerEncoderLayer(8, 2, 16, 0.5, "relu", norm_first, causal=True).eval()
    decoder = TransformerDecoderLayer(8, 2, 16, 0.5, "relu", norm_first, causal=True).eval()
    x, memory = torch.randn(1, 4, 8), torch.randn(1, 6, 8)
    with torch.no_grad():
        own = attention_of(encoder, {"input": (x,)})
        assert own is not None
        taken = encoder.self_attn.joined(mixed(own).unsqueeze(0))
        expected = encoder.self_attn(encoder.norm1(x) if norm_first else x)
        torch.testing.assert_close(taken, expected)
        other = attention_of(decoder, {"input": (x,), "memory": (memory,)}, memory=True)
        assert other is not None
        y = x + decoder.self_attn(decoder.norm1(x) if norm_first else x)
        y = decoder.norm2(y) if norm_first else decoder.norm1(y)
        taken = decoder.multihead_attn.joined(mixed(other).unsqueeze(0))
        torch.testing.assert_close(taken, decoder.multihead_attn(y, memory, memory))


def test_a_softmax_that_is_drawn_is_attention_too() -> None:
    steps: list[Any] = [
        ("shares", "softmax"),
        ("flat", "flatten"),
        ("classes", "linear", {"out_features": 10}),
    ]
    plan = compile(project := chain({"dataset": "digits"}, steps))
    assert LENS.applies_to(type(plan.nodes["shares"].layer), infer(project).nodes["shares"])
    assert not LENS.applies_to(type(plan.nodes["shares"].layer), infer(project).nodes["flat"])
    arrays, feeds = looked_at(plan, "shares")
    entered = feeds.pin(0)[FlatEnd("data", "input")]
    np.testing.assert_allclose(arrays["weights"], entered.softmax(-1)[0].numpy(), atol=1e-6)
    np.testing.assert_array_equal(arrays["products"], entered[0].numpy())


def test_long_sequences_are_thinned_and_rows_still_sum_to_one() -> None:
    torch.manual_seed(4)
    module, x = MultiHeadAttention(96, 12, causal=True), torch.randn(1, 2048, 96)
    arrays = computed(module, head=7, query=x)
    assert arrays["sizes"].tolist() == [12, 2048, 2048]
    assert arrays["weights"].shape == (1, 200, 187)
    assert int(arrays["first_head"]) == 7
    assert arrays["places"][[0, -1]].tolist() == [0, 2047]
    assert arrays["small"].shape == (12, 32, 32)
    assert sum(array.nbytes for array in arrays.values()) < 700_000
    for name in ("weights", "small"):
        np.testing.assert_allclose(arrays[name].sum(-1), 1.0, atol=1e-5)
    with torch.no_grad():
        q, k, _ = module.projected(x)
        scores = q[0, 7, arrays["places"][100]] @ k[0, 7].T / 8**0.5
        scores[arrays["places"][100] + 1 :] = float("-inf")
        each = int(arrays["each"])
        row = F.pad(scores.softmax(-1), (0, -2048 % each)).reshape(-1, each).sum(-1)
    np.testing.assert_allclose(arrays["weights"][0, 100], row.numpy(), atol=1e-6)


def test_tokens_are_those_that_queries_and_keys_are_made_of() -> None:
    plan = compile(make("transformer-translation"))
    arrays, feeds = looked_at(plan, "decoder.1.cross")
    values = {end.port: value for end, value in feeds.pin(0).items()}
    assert arrays["query_tokens"].tolist() == values["decoder_input"][0].tolist()
    assert arrays["key_tokens"].tolist() == values["input"][0].tolist()
    assert bool(arrays["query_of_target"])
    assert not bool(arrays["key_of_target"])


def test_it_is_offered_for_attention_alone() -> None:
    report = infer(make("vit-fashion")).nodes
    plan = compile(make("vit-fashion"))
    offered = {
        path for path, node in plan.nodes.items() if LENS.applies_to(type(node.layer), report.get(path))
    }
    assert {path.rpartition(".")[2] for path in offered} == {"attention"}
    assert not LENS.applies_to(Declared, None)
