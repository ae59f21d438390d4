"""The step plan: objective steps, what they reuse and hold constant, sentences, and its speed."""

from __future__ import annotations

from time import perf_counter

import msgspec
import torch

from engine.compile import compile  # noqa: A004
from engine.compile.step_plan import Reuse, step_plan
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from tests.drawings import chain, dcgan, gan, graph, lenet5, wgan_gp, wire
from tests.engine import resnet
from tests.engine.train.test_stepper import change


def classifier(project: Project) -> Project:
    """A drawing that ends in `fc`, with a loss and an objective."""
    main = project.main
    nodes = graph([("even", "class_labels"), ("loss", "cross_entropy"), ("objective", "objective")])
    wires = ("fc -> loss.logits", "even -> loss.label", "loss.loss -> objective.loss")
    added = tuple(wire(text) for text in wires)
    main = msgspec.structs.replace(main, nodes={**main.nodes, **nodes.nodes}, wires=(*main.wires, *added))
    return msgspec.structs.replace(project, graphs={**project.graphs, MAIN: main})


def test_the_objective_steps_of_two_adversaries() -> None:
    plan = step_plan(dcgan())
    assert (plan.cycle, plan.problem) == (1, "")
    judging, making = plan.objective_steps
    assert (judging.objective, making.objective) == ("judging", "making")
    assert judging.reuses == ()
    assert {path.split(".")[0] for path in judging.computes} >= {"generate", "real", "fake"}
    assert making.reuses == (Reuse("generate.sigmoid", "judging", gradients=True),)
    assert {path.split(".")[0] for path in making.computes} == {"fake", "fool_loss"}
    assert set(making.again) == {path for path in making.computes if path.startswith("fake.")}
    assert making.constant == ("fake.conv1", "fake.conv2", "fake.norm", "fake.judge")
    assert judging.constant == ()
    assert making.parts == ("generator",)
    compiled = compile(dcgan(), "cpu")
    for step, objective in zip(plan.objective_steps, compiled.objectives, strict=True):
        assert step.parameters == sum(weight.numel() for weight in objective.parameters.values())


def test_it_reads_as_sentences() -> None:
    assert [step.sentence for step in step_plan(gan()).objective_steps] == [
        "judging: runs real, make and fake; updates judge, 82 parameters, Adam 2e-3.",
        "making: reuses the output of make, with gradients; runs fake again (its weights are held constant); "
        "updates maker, 114 parameters, Adam 1e-3.",
    ]
    assert [step.sentence for step in step_plan(lenet5()).objective_steps] == [
        "objective: runs conv1 to linear3 (5 parts); updates all weights, 61,706 parameters, Adam 1e-3."
    ]
    changed = change(gan(), "making", accumulate=4)
    assert "once in 4 of its batches" in step_plan(changed).objective_steps[1].sentence


def test_objective_steps_list_the_steps_of_the_cycle_at_which_they_act() -> None:
    plan = step_plan(wgan_gp(times=5))
    assert plan.cycle == 5
    judging, making = plan.objective_steps
    assert (judging.steps, making.steps) == ((0, 1, 2, 3, 4), (4,))
    assert making.sentence.startswith("making (step 5 of 5): reuses the output of generate, with gradients;")
    often = step_plan(change(wgan_gp(times=2), "making", every=3)).objective_steps
    assert [step.steps for step in often] == [(0, 1, 2, 3, 4, 5), (1,)]


def test_a_value_without_gradients_for_its_turn_is_held_constant() -> None:
    """The encoder learns from one loss, the decoder from another that hangs on the encoder's code too."""
    project = chain(
        {"dataset": "circle"},
        [("encode", "linear", {"out_features": 2}), ("decode", "linear", {"out_features": 2})],
        updates="encode",
    )
    drawn = chain(
        {"dataset": "circle"}, [("other", "linear", {"out_features": 2})], updates="decode", order=1
    )
    second = drawn.main.nodes["objective"]
    main = project.main
    wires = [w for w in drawn.main.wires if w.target.node == "objective"]
    nodes = {**main.nodes, "later": msgspec.structs.replace(second, id="later")}
    added = tuple(msgspec.structs.replace(w, target=w.target._replace(node="later")) for w in wires)
    # the decoder first: it meets the code of an encoder that has not changed yet
    first = msgspec.structs.replace(nodes["later"], params={"updates": "decode", "order": -1})
    main = msgspec.structs.replace(main, nodes={**nodes, "later": first}, wires=(*main.wires, *added))
    plan = step_plan(msgspec.structs.replace(project, graphs={MAIN: main}))
    assert [step.objective for step in plan.objective_steps] == ["later", "objective"]
    reuses = plan.objective_steps[1].reuses
    assert reuses == (Reuse("encode", "later", gradients=True),)
    assert plan.objective_steps[1].constant == ("decode",)
    swapped = change(Project(graphs={MAIN: main}), "later", order=1)
    assert (
        step_plan(swapped).objective_steps[1].reuses == ()
    )  # the encoder has changed: its code is computed again


def test_what_each_objective_updates() -> None:
    judging, making = step_plan(gan()).objective_steps
    assert {path.split(".")[0] for path in judging.updates} == {"real", "fake"}
    assert set(making.updates) == {"make.linear1", "make.linear2"}


def test_what_would_be_refused_is_told_and_not_raised() -> None:
    plan = step_plan(change(gan(), "making", updates="marker"))
    assert plan.objective_steps == ()
    assert "making: updates: Expected paths with weights (judge, maker). Received 'marker'." in plan.problem
    assert "Received none: nothing to train." in step_plan(Project()).problem


def test_a_drawing_too_large_to_infer_has_no_steps_but_the_reason() -> None:
    inner = graph([("turn", "linear")], ["@in.x -> turn", "turn.output -> @out.y"], inputs=("x",),
                  outputs=("y",))  # fmt: skip
    deep = graph([(f"b{n}", "block", {"definition": "one", "repeat": 10_000}) for n in range(4)])
    plan = step_plan(Project(graphs={MAIN: deep, "one": inner}))
    assert plan.objective_steps == ()
    assert plan.problem.startswith("Draw fewer nodes, or repeat blocks less often: too large")


def test_it_makes_no_weights_and_comes_at_once() -> None:
    state = torch.get_rng_state()
    for project, most in ((dcgan(), 0.05), (classifier(resnet.resnet50()), 0.3)):
        step_plan(project)
        seconds = []
        for _ in range(5):
            start = perf_counter()
            plan = step_plan(project)
            seconds.append(perf_counter() - start)
        assert plan.objective_steps
        assert min(seconds) < most
    assert torch.equal(torch.get_rng_state(), state)


def test_what_is_reused_is_named_by_the_node_that_made_it() -> None:
    found = step_plan(gallery.make("cgan-digits")).objective_steps
    sentences = {step.objective: step.sentence for step in found}
    assert (
        "reuses the output of generate, with gradients; runs judge_fake again"
        in sentences["generator_objective"]
    )


def test_objective_steps_that_do_not_run_at_every_step_say_at_which() -> None:
    def said(judging: dict[str, int], making: dict[str, int]) -> list[str]:
        project = change(change(gan(), "judging", **judging), "making", **making)
        return [turn.sentence.partition(":")[0] for turn in step_plan(project).objective_steps]

    assert said({"every": 2}, {"every": 3}) == [
        "judging (3 of 6 steps)",
        "making (step 1 of 6)",
        "making (step 4 of 6)",
    ]
    assert said({"times": 2}, {"times": 3}) == [
        "judging (steps 2 to 3 of 3)",
        "making (step 1 of 3)",
        "making (steps 2 to 3 of 3)",
    ]


def test_the_output_of_a_part_that_no_objective_updates_is_reused_without_gradients() -> None:
    nodes = [
        ("data", "data", {"dataset": "circle"}),
        ("encode", "linear", {"out_features": 4}),
        ("first", "linear", {"out_features": 2}),
        ("second", "linear", {"out_features": 2}),
        ("first_loss", "cross_entropy"),
        ("second_loss", "cross_entropy"),
        ("one", "objective", {"updates": "first"}),
        ("two", "objective", {"updates": "second", "order": 1}),
    ]
    wires = ["data.input -> encode"]
    for head, objective in (("first", "one"), ("second", "two")):
        wires += [f"encode -> {head}", f"{head} -> {head}_loss.logits", f"data.target -> {head}_loss.label"]
        wires += [f"{head}_loss.loss -> {objective}.loss"]
    one, two = step_plan(Project(graphs={MAIN: graph(nodes, wires)})).objective_steps
    assert one.sentence.startswith("one: runs encode and first; updates first")
    assert two.sentence.startswith("two: reuses the output of encode, without gradients; runs second;")
