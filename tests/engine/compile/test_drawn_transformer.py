"""A transformer's layers drawn out of single ones equal torch's; a translation does not see its padding."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.infer import infer
from engine.messages.events import Event, Progress, Validated
from engine.run.run import Run
from tests.drawings import with_settings
from tests.engine.sequence_drawings import PAIRS, Drawn, layer_of, masked_recurrent, translation

BATCH, T, S, SIZE, HIDDEN, HEADS = 3, 4, 5, 8, 12, 2
MASKS = {"mask": (T, T), "keys": (T,), "far": (T, S), "far_keys": (S,)}
OF_TORCH = {
    "attn": "self_attn", "look": "multihead_attn", "feed_in": "linear1", "feed_out": "linear2",
    "self_norm": "norm1",
}  # fmt: skip


def drawn_layer(*, memory: bool, bools: bool, **how: Any) -> Plan:
    """x, memory and masks are noise nodes, for whose values others are put; masks of bool are compared."""
    drawn = Drawn()
    for name, shape in {"x": (T, SIZE), "memory": (S, SIZE), **MASKS}.items():
        drawn.add(name, "noise", shape=list(shape))
    masks = {name: name for name in ("mask", "far")}
    if bools:
        masks = {name: drawn.add(f"{name}_seen", "compare", name, ports="a") for name in masks}
    last = layer_of(
        drawn,
        "one",
        "x",
        size=SIZE,
        hidden=HIDDEN,
        heads=HEADS,
        masks=(masks["mask"], "keys"),
        memory="memory" if memory else "",
        memory_masks=(masks["far"], "far_keys"),
        **how,
    )
    drawn.add("output", "output", last)
    return compile(drawn.project())


def random(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def added(seen: Tensor) -> Tensor:
    """What torch adds to scores: −∞ where nothing may be seen."""
    return torch.zeros(seen.shape, dtype=torch.float64).masked_fill(~seen, -torch.inf)


def twin_of(plan: Plan, *, memory: bool, **how: Any) -> tuple[nn.Module, dict[str, str]]:
    """Torch's layer with the weights of the plan; and torch's name of each of its weights."""
    kind = nn.TransformerDecoderLayer if memory else nn.TransformerEncoderLayer
    twin = kind(SIZE, HEADS, HIDDEN, 0.0, batch_first=True, dtype=torch.float64, **how)
    last = {"cross_norm": "norm2", "feed_norm": "norm3"} if memory else {"feed_norm": "norm2"}
    names = {}
    for name in plan.model.state_dict():
        node, _, weight = name.removeprefix("one_").partition(".")
        names[name] = f"{(OF_TORCH | last)[node]}.{weight}"
    twin.load_state_dict({names[name]: value for name, value in plan.model.state_dict().items()})
    return twin, names


@pytest.mark.parametrize("memory", [False, True])
@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    bools=st.booleans(),
    causal=st.booleans(),
    norm_first=st.booleans(),
    activation=st.sampled_from(["relu", "gelu"]),
)
def test_layers_drawn_from_single_ones_are_torchs(
    memory: bool, seed: int, bools: bool, causal: bool, norm_first: bool, activation: str
) -> None:
    """Output and gradients of all weights and inputs, with random masks of both kinds."""
    how: dict[str, Any] = {"norm_first": norm_first, "activation": activation}
    plan = drawn_layer(memory=memory, bools=bools, causal=causal, **how)
    plan.model.double()
    twin, names = twin_of(plan, memory=memory, **how)
    x, other = (random(seed + i, BATCH, n, SIZE).requires_grad_() for i, n in enumerate((T, S)))
    chance = torch.Generator().manual_seed(seed)
    seen = {name: torch.rand(BATCH, *shape, generator=chance) < 0.6 for name, shape in MASKS.items()}
    for one in seen.values():
        one[..., 0] = True
    hidden = {name: added(one) for name, one in seen.items()}
    values = {"x": x, "memory": other, **{name: one.double() for name, one in seen.items()}}
    if not bools:
        values |= {name: hidden[name] for name in ("mask", "far")}
    graph = plan.graph_of([plan.outputs["output"]])
    (left,) = graph({FlatEnd(name, "output"): value for name, value in values.items()})
    own = hidden["mask"] + added(torch.ones(T, T).tril() > 0) if causal else hidden["mask"]
    wide, far = (one.repeat_interleave(HEADS, 0) for one in (own, hidden["far"]))
    padding = {"tgt_key_padding_mask": hidden["keys"], "memory_key_padding_mask": hidden["far_keys"]}
    expected = twin(x, other, wide, far, **padding) if memory else twin(x, wide, hidden["keys"])
    assert torch.allclose(left, expected, atol=1e-9)
    weight = random(seed + 7, *left.shape)
    inputs = [x, other] if memory else [x]
    ours, theirs = dict(plan.model.named_parameters()), dict(twin.named_parameters())
    found = torch.autograd.grad((left * weight).sum(), [*inputs, *ours.values()])
    weights = [theirs[names[name]] for name in ours]
    wanted = torch.autograd.grad((expected * weight).sum(), [*inputs, *weights])
    assert all(torch.allclose(a, b, atol=1e-9) for a, b in zip(found, wanted, strict=True))


def told(project: Project, **how: Any) -> tuple[list[float], list[Validated]]:
    """The losses of all steps and what was validated."""
    losses: list[float] = []
    measured: list[Validated] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            losses.extend(event.losses["objective"])
        elif isinstance(event, Validated):
            measured.append(event)

    Run(project, device="cpu", seed=0, **how).execute(note)
    return losses, measured


@pytest.mark.parametrize("kind", ["transformer", "lstm", "gru"])
def test_a_translation_with_masks_learns(kind: str) -> None:
    project = translation() if kind == "transformer" else masked_recurrent(kind)
    assert not infer(project).problems
    losses, _ = told(with_settings(project, batch_size=64), steps=40)
    assert losses[0] > 4.5
    assert sum(losses[-5:]) / 5 < 0.85 * losses[0]


def step(plan: Plan, values: dict[FlatEnd, Tensor]) -> tuple[Tensor, list[Tensor]]:
    """The loss and the gradients of all weights."""
    (loss,) = plan.graph_of([FlatEnd("loss", "loss")])(values)
    return loss, list(torch.autograd.grad(loss, list(plan.model.parameters())))


@pytest.mark.parametrize("kind", ["transformer", "lstm"])
def test_a_sample_alone_and_filled_up_beside_others_is_the_same(kind: str) -> None:
    """Loss and gradients of single sentences in rows of their own length add up to those of one batch of
    longer rows, whatever tokens fill them up."""
    make = translation if kind == "transformer" else (lambda **_: masked_recurrent(kind))
    plan = compile(make(), seed=1)
    plan.model.double()
    chance = torch.Generator().manual_seed(0)
    lengths, targets, room = [3, 5, 2], [4, 2, 6], PAIRS["length"]
    tokens = {
        name: torch.randint(1, plan.specs[FlatEnd("data", name)].classes, (3, room), generator=chance)
        for name in ("input", "decoder_input", "target")
    }
    real = {
        "mask": torch.arange(room) < torch.tensor(lengths)[:, None],
        "target_mask": torch.arange(room) < torch.tensor(targets)[:, None],
    }
    whole = {FlatEnd("data", name): one for name, one in tokens.items()}
    whole |= {FlatEnd("data", name): one.double() for name, one in real.items()}
    loss, slopes = step(plan, whole)
    total, sums = torch.zeros((), dtype=torch.float64), [torch.zeros_like(one) for one in slopes]
    for at, (length, target) in enumerate(zip(lengths, targets, strict=True)):
        sizes = {"input": length, "mask": length}
        single = {end: value[at : at + 1, : sizes.get(end.port, target)] for end, value in whole.items()}
        own, found = step(plan, single)
        share = target / sum(targets)
        total = total + share * own
        sums = [a + share * b for a, b in zip(sums, found, strict=True)]
    assert torch.allclose(loss, total, atol=1e-10)
    assert all(torch.allclose(a, b, atol=1e-10) for a, b in zip(slopes, sums, strict=True))


def test_longer_rows_change_neither_training_nor_validation() -> None:
    """With room for ten tokens more, all of them filled up, every loss and metric is the same."""
    drawn = [with_settings(translation(16, length=room), batch_size=512) for room in (15, 25)]
    short, long = (told(project, steps=2) for project in drawn)
    assert len(short[0]) == 2
    assert short[0] == pytest.approx(long[0], rel=1e-4)
    assert short[1]
    for a, b in zip(short[1], long[1], strict=True):
        assert a.losses == pytest.approx(b.losses, rel=1e-4)
        assert a.metrics == pytest.approx(b.metrics, rel=1e-3)
        assert set(a.metrics) == {"accuracy", "perplexity"}
