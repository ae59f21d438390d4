"""Tied weights: one tensor under one name, updated once by the sum of its gradients, as in torch by hand."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor, nn

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, End, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.messages.lens_request import LensRequest
from engine.sample.frozen import Frozen
from engine.train.stepper import Stepper
from tests.drawings import Step, graph

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.3, "momentum": 0.9}
INNER: list[Step] = [
    ("embed", "embedding", {"embedding_dim": 6}),
    ("mix", "linear", {"out_features": 6, "activation": "tanh"}),
    ("head", "linear", {"out_features": 81, "bias": False, "tied_to": "embed"}),
]
WORDS = {"dataset": "moby-dick", "window": 8}


def language_model(inner: list[Step] = INNER, *, data: dict[str, Any] = WORDS) -> Project:
    """Characters -> embedding -> dense -> the embedding again as the head."""
    nodes: list[Step] = [
        ("data", "data", data),
        *inner,
        ("loss", "cross_entropy"),
        ("objective", "objective", SGD),
    ]
    wires = ["data.input -> embed", "embed -> mix", "mix -> head", "head -> loss.logits"]
    return Project(
        graphs={MAIN: graph(nodes, [*wires, "data.target -> loss.label", "loss.loss -> objective.loss"])}
    )


class HandTied(nn.Module):
    """The same in torch by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(81, 6)
        self.mix = nn.Linear(6, 6)
        self.head = nn.Linear(6, 81, bias=False)
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor) -> Tensor:
        scores: Tensor = self.head(torch.tanh(self.mix(self.embed(tokens))))
        return scores


def by_steps(plan: Plan, hand: nn.Module, steps: int = 20) -> tuple[Tensor, Tensor]:
    """The losses of both over some steps from the same weights and batches, in double precision."""
    plan.model.double()
    hand.double()
    optimiser = torch.optim.SGD(hand.parameters(), lr=SGD["learning_rate"], momentum=SGD["momentum"])
    sources, stepper = Sources(plan), Stepper(plan, steps)
    ours, theirs = [], []
    for step in range(steps):
        values = sources.next()
        values = {end: held.double() if held.is_floating_point() else held for end, held in values.items()}
        loss = nn.functional.cross_entropy(
            hand(values[FlatEnd("data", "input")]).flatten(0, -2),
            values[FlatEnd("data", "target")].flatten(),
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        theirs.append(loss.detach())
        ours.append(stepper.step(values, step, 0)[0].detach())
    return torch.stack(ours), torch.stack(theirs)


def test_a_tied_head_trains_as_in_torch() -> None:
    project = edits.set_settings(language_model(), batch_size=16)
    plan = compile(project, seed=3)
    torch.manual_seed(3)
    hand = HandTied()
    assert [*plan.model.state_dict()] == ["embed.weight", "mix.weight", "mix.bias"]
    assert torch.equal(plan.model.state_dict()["embed.weight"], hand.embed.weight)
    assert plan.parameters() == infer(project).parameters == 81 * 6 + 42
    ours, theirs = by_steps(plan, hand)
    assert torch.allclose(ours, theirs, rtol=0, atol=1e-12)
    assert torch.allclose(plan.model.state_dict()["embed.weight"], hand.embed.weight, rtol=0, atol=1e-12)


def test_a_decoder_takes_the_weights_of_its_encoder_turned_round() -> None:
    nodes: list[Step] = [
        ("data", "data", {"dataset": "digits"}),
        ("flat", "flatten"),
        ("encode", "linear", {"out_features": 5, "activation": "tanh"}),
        ("decode", "linear", {"out_features": 784, "tied_to": "encode"}),
        ("loss", "mse"),
        ("objective", "objective", SGD),
    ]
    wires = ["data.input -> flat", "flat -> encode", "encode -> decode", "decode -> loss.prediction"]
    drawn = graph(nodes, [*wires, "flat -> loss.target", "loss.loss -> objective.loss"])
    size = infer(Project(graphs={MAIN: drawn})).nodes["flat"].outputs["output"].shape[1]
    project = edits.set_param(Project(graphs={MAIN: drawn}), MAIN, "decode", "out_features", size)
    report = infer(project)
    assert report.problems == ()
    assert report.nodes["decode"].parameters == size
    plan = compile(project)
    encode, decode = plan.modules["encode"], plan.modules["decode"]
    rows = torch.randn(3, 5)
    expected = nn.functional.linear(rows, encode.get_parameter("weight").t(), decode.get_parameter("bias"))
    assert torch.equal(decode(rows), expected)
    assert "decode.weight" not in plan.model.state_dict()
    assert plan.objectives[0].updates == ("encode.weight", "encode.bias", "decode.bias")


@pytest.mark.parametrize("which", ["embed", "head"])
def test_a_tied_weight_is_frozen_with_either_layer(which: str) -> None:
    project = edits.set_frozen(language_model(), MAIN, [which], True)
    plan = compile(project)
    assert plan.objectives[0].updates == ("mix.weight", "mix.bias")
    assert not plan.modules["embed"].get_parameter("weight").requires_grad


def test_the_tie_follows_its_owner() -> None:
    project = edits.rename_node(language_model(), MAIN, "embed", "words")
    assert project.main.nodes["head"].params["tied_to"] == "words"
    assert "words.weight" in compile(project).model.state_dict()


def test_without_its_owner_a_tie_is_told_and_mended() -> None:
    project = edits.set_param(language_model(), MAIN, "head", "tied_to", "nowhere")
    (problem,) = infer(project).problems
    assert problem.path == "head"
    assert problem.message.startswith("Linear: Tied to: Expected the path of a layer of this graph")
    assert problem.received == "'nowhere'"
    with pytest.raises(CompileError, match="head: Linear: Tied to: Expected the path"):
        compile(project)
    untied = problem.fixes[0].edit(project)
    assert infer(untied).problems == ()
    assert "head.weight" in compile(untied).model.state_dict()


def test_shapes_that_do_not_fit_and_circles_are_told() -> None:
    narrow = edits.set_param(language_model(), MAIN, "head", "tied_to", "mix")
    (problem,) = infer(narrow).problems
    assert (problem.expected, problem.received) == (
        "weights of 81×6, or 6×81 turned round, at mix, to which its own are tied",
        "6×6",
    )
    circle = edits.set_param(language_model(), MAIN, "embed", "tied_to", "head")
    assert {problem.received for problem in infer(circle).problems} == {
        "head → embed → head",
        "embed → head → embed",
    }


def test_every_copy_of_a_block_ties_to_its_own() -> None:
    """A network's copies share one tensor, those of a block have one each; the middle stays as wide."""
    pair = graph(
        [("a", "linear", {"out_features": 6}), ("b", "linear", {"out_features": 6, "tied_to": "a"})],
        ["@in.x -> a", "a -> b", "b.output -> @out.y"],
        inputs=("x",),
        outputs=("y",),
    )
    placed: dict[str, tuple[str, dict[str, Any]]] = {
        "block": ("block", {"definition": "pair", "repeat": 2}),
        "network": ("network", {"definition": "pair"}),
    }
    found = {}
    for kind, (layer, params) in placed.items():
        main = language_model([INNER[0], ("mix", layer, params), INNER[2]]).main
        wires = tuple(
            msgspec.structs.replace(
                wire,
                source=End("mix", "y") if wire.source.node == "mix" else wire.source,
                target=End("mix", "x") if wire.target.node == "mix" else wire.target,
            )
            for wire in main.wires
        )
        drawn = Project(graphs={MAIN: msgspec.structs.replace(main, wires=wires), "pair": pair})
        plan = compile(drawn)
        found[kind] = [*plan.model.state_dict()]
        assert plan.parameters() == infer(drawn).parameters
    copies = [f"mix.{copy}.{name}" for copy in (0, 1) for name in ("a.weight", "a.bias", "b.bias")]
    assert found["block"] == ["embed.weight", *copies]
    assert found["network"] == ["embed.weight", "pair.a.weight", "pair.a.bias", "pair.b.bias"]


def test_a_sampler_sees_the_present_weights_of_an_owner_that_it_does_not_call() -> None:
    plan = compile(language_model())
    frozen = Frozen(plan, ["head"])
    with torch.no_grad():
        plan.modules["embed"].get_parameter("weight").fill_(0.5)
    frozen.take({})
    rows = torch.ones(1, 6)
    assert torch.equal(frozen.modules["head"](rows), torch.full((1, 81), 3.0))
    assert frozen.names == ("embed.weight",)
    twin = copy.deepcopy(plan.modules["head"])
    assert torch.equal(twin(rows), torch.full((1, 81), 3.0))


def test_lenses_see_the_weights_that_a_tied_layer_uses() -> None:
    plan = compile(language_model())
    requests = [LensRequest("histogram", "head"), LensRequest("histogram", "embed")]
    frames = look(plan, Feeds(Sources(plan).sample(0)), requests, 0).frames
    assert {frame.target for frame in frames} == {"head", "embed"}


def test_copies_of_both_layers_are_tied_to_each_other_and_one_alone_to_the_first() -> None:
    project = language_model()

    def copied(*ids: str) -> dict[str, str]:
        """What each copied layer with a tie is tied to, by its own name."""
        made, copies = edits.paste(project, MAIN, edits.copy_fragment(project, MAIN, ids), (500, 0))
        nodes = {key: made.main.nodes[key].params.get("tied_to", "") for key in copies}
        return {key: owner for key, owner in nodes.items() if owner}

    (owner,) = copied("embed", "head").values()
    assert owner not in ("embed", "")
    assert [*copied("head").values()] == ["embed"]


def test_a_tie_goes_along_into_a_block_and_out_of_it() -> None:
    project = language_model()
    whole, part = extract(project, MAIN, ["embed", "mix", "head"], "inner")
    assert whole.graphs["inner"].nodes["head"].params["tied_to"] == "embed"
    assert next(iter(compile(whole).model.state_dict())) == f"{part}.embed.weight"
    owner, part = extract(project, MAIN, ["embed"], "inner")
    assert owner.main.nodes["head"].params["tied_to"] == f"{part}.embed"
    assert infer(owner).problems == ()
    with pytest.raises(edits.EditError, match=r"Received head without embed\. Select both\."):
        extract(project, MAIN, ["head"], "inner")


def test_a_tie_to_a_layer_that_was_deleted_is_told() -> None:
    """Where the layer can still be computed: the head reads something else."""
    project = language_model()
    wires = tuple(wire for wire in project.main.wires if "embed" not in (wire.source.node, wire.target.node))
    flat = graph([("hot", "one_hot")], ["data.input -> hot", "hot -> mix"])
    main = msgspec.structs.replace(
        project.main, nodes={**project.main.nodes, **flat.nodes}, wires=(*wires, *flat.wires)
    )
    gone = edits.remove_nodes(Project(graphs={MAIN: main}), MAIN, ["embed"])
    assert [problem.received for problem in infer(gone).problems] == ["'embed'"]
