"""Sources in step: what is drawn belongs to its node, pairs keep together, and a run goes on where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from engine.compile import compile  # noqa: A004
from engine.data import batches
from engine.document.project import MAIN, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources, Values, generator_of
from engine.infer import infer
from nodes.data.source import ClassLabels, Constant, DrawnSource, Noise
from nodes.reading.error import DataError
from tests.drawings import Step, graph, with_settings


def drawing(*sources: Step, batch_size: int = 16) -> Project:
    """Some sources, the first of which is trained on; the others enter an output each."""
    first = sources[0][0]
    port = "input" if sources[0][1] == "data" else "output"
    nodes: list[Step] = [
        *sources,
        ("linear", "linear", {"out_features": 1}),
        ("loss", "real_or_fake"),
        ("objective", "objective"),
        *((f"see_{step[0]}", "output", {"name": step[0]}) for step in sources),
    ]
    wires = [f"{first}.{port} -> linear", "linear -> loss.score", "loss.loss -> objective.loss"]
    wires += [f"{s[0]}.{'input' if s[1] == 'data' else 'output'} -> see_{s[0]}" for s in sources]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=batch_size, seed=3)


def opened(*sources: Step, **settings: Any) -> Sources:
    return Sources(compile(drawing(*sources, **settings)))


def points(name: str, **params: Any) -> Step:
    return (name, "data", {"dataset": "circle", "samples": 50, **params})


def same(first: Values, second: Values) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[end], second[end]) for end in first)


# Drawn sources ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        Noise(shape=(3, 2)),
        Noise(distribution="uniform", scale=0.5),
        Noise(distribution="truncated"),
        Constant(shape=(2, 4), value=-1.5),
        ClassLabels(classes=7),
        ClassLabels(classes=3, order="in turn"),
    ],
)
def test_what_is_drawn_is_what_was_declared(layer: DrawnSource) -> None:
    drawn = [layer.draw(5, generator_of(0, "noise")) for _ in range(2)]
    spec = layer.spec()
    assert drawn[0].shape == (5, *spec.features)
    assert str(drawn[0].dtype) == f"torch.{spec.dtype}"
    assert torch.equal(*drawn)


def _many(layer: DrawnSource) -> Tensor:
    return layer.draw(200_000, generator_of(1, "noise")).flatten()


@pytest.mark.parametrize(
    ("distribution", "deviation", "furthest"),
    [("normal", 1.0, 6.0), ("uniform", 1 / 3**0.5, 1.0), ("truncated", 0.8796, 2.0)],
)
def test_noise_has_the_spread_of_its_distribution(
    distribution: str, deviation: float, furthest: float
) -> None:
    drawn = _many(Noise(shape=(1,), distribution=distribution))
    assert drawn.mean().item() == pytest.approx(0, abs=0.01)
    assert drawn.std().item() == pytest.approx(deviation, rel=0.01)
    assert drawn.abs().max() <= furthest
    assert _many(Noise(shape=(1,), distribution="truncated", cut=0.5)).abs().max() <= 0.5


def test_class_labels_at_random_and_in_turn() -> None:
    counts = torch.bincount(_many(ClassLabels(classes=4)))
    assert len(counts) == 4
    assert counts.min() > 0.97 * 50_000
    in_turn = ClassLabels(classes=3, order="in turn").draw(5, generator_of(0, "c"))
    assert in_turn.tolist() == [0, 1, 2, 0, 1]


def test_a_condition_reaches_what_needs_the_number_of_classes() -> None:
    nodes: list[Step] = [
        ("wish", "class_labels", {"classes": 7}),
        ("embed", "one_hot"),
        ("ones", "constant", {"shape": [3], "value": 2.0}),
        ("join", "concat"),
        ("out", "output"),
    ]
    wires = ["wish -> embed", "embed -> join", "join -> out"]
    report = infer(Project(graphs={MAIN: graph(nodes, wires)}))
    assert str(report.nodes["embed"].outputs["output"]) == "N×7"


def test_noise_is_its_nodes_own() -> None:
    """Whatever other sources there are, a node draws the same numbers; two nodes draw others."""
    alone = opened(points("data"), ("z", "noise", {"shape": [4]}))
    among = opened(
        points("data"), ("a", "noise", {"shape": [9]}), ("z", "noise", {"shape": [4]}), ("y", "class_labels")
    )
    end = FlatEnd("z", "output")
    for _ in range(3):
        first, second = alone.next(), among.next()
        assert torch.equal(first[end], second[end])
        assert torch.equal(first[FlatEnd("data", "input")], second[FlatEnd("data", "input")])
    assert torch.equal(alone.sample(4)[end], among.sample(4)[end])
    held = zip(alone.validation(), among.validation(), strict=True)
    assert all(torch.equal(a[1][end], b[1][end]) for a, b in held)
    twins = opened(("y", "noise", {"shape": [4]}), ("z", "noise", {"shape": [4]})).next()
    assert not torch.equal(twins[FlatEnd("y", "output")], twins[end])


def test_a_loop_by_hand_can_draw_the_same() -> None:
    sources = opened(("z", "noise", {"shape": [4]}))
    generator = generator_of(3, "z")
    for _ in range(3):
        by_hand = torch.empty(16, 4).normal_(generator=generator)
        assert torch.equal(sources.next()[FlatEnd("z", "output")], by_hand)


def test_pinned_values_are_the_first_held_back_and_draws_of_a_seed() -> None:
    sources = opened(points("data"), ("z", "noise", {"shape": [4]}))
    sources.next()
    few, many = sources.pinned(4, 7), sources.pinned(70, 7)
    data, z = FlatEnd("data", "input"), FlatEnd("z", "output")
    assert torch.equal(few[data], many[data][:4])
    assert torch.equal(many[data][:20], many[data][50:])  # there are fifty: over and over
    assert torch.equal(sources.sample(0)[data], few[data][:1])
    assert torch.equal(few[z], Noise(shape=(4,)).draw(4, generator_of(7, "z")))
    assert same(few, sources.pinned(4, 7))
    assert not torch.equal(few[z], sources.pinned(4, 8)[z])
    assert sources.infos()["data"].classes == ("orange", "blue")


def test_pinned_values_are_fetched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row each would be an upload of its own, for which a device is waited."""
    asked: list[int] = []
    plain = batches.ResidentFeed.at

    def noted(self: batches.ResidentFeed, places: Any) -> Any:
        asked.append(len(places))
        return plain(self, places)

    monkeypatch.setattr(batches.ResidentFeed, "at", noted)
    opened(points("data")).pinned(64, 7)
    assert asked == [10, 40]


# Pairs --------------------------------------------------------------------------------------------------


def _numbers(values: Values, path: str) -> Tensor:
    return values[FlatEnd(path, "input")]


@pytest.mark.parametrize("batch_size", [16, 7])
def test_sets_go_unpaired_unless_they_are_paired(batch_size: int) -> None:
    sources = opened(
        points("a"),
        points("b"),
        points("c", paired_with="a"),
        points("d", paired_with="c"),
        batch_size=batch_size,
    )
    for _ in range(2 * sources.steps_per_epoch):
        values = sources.next()
        assert torch.equal(_numbers(values, "a"), _numbers(values, "c"))
        assert torch.equal(_numbers(values, "a"), _numbers(values, "d"))
        assert not torch.equal(_numbers(values, "a"), _numbers(values, "b"))
    sizes = []
    for size, values in sources.validation():
        assert torch.equal(_numbers(values, "a"), _numbers(values, "c"))
        sizes.append(size)
    assert sum(sizes) == 10
    assert torch.equal(_numbers(sources.sample(3), "a"), _numbers(sources.sample(3), "d"))


@pytest.mark.parametrize(
    ("b", "message"),
    [
        ({"paired_with": "a", "samples": 60}, r"b: Expected as many samples as a, .*: 50\. Received 60"),
        ({"paired_with": "nobody"}, r"b: paired_with: Expected another data node \(a\). Received 'nobody'"),
        ({"paired_with": "b"}, r"Received 'b'"),
    ],
)
def test_pairs_that_cannot_be(b: dict[str, Any], message: str) -> None:
    project = drawing(points("a"), points("b", **b))
    with pytest.raises(DataError, match=message):
        Sources(compile(project))
    (problem,) = infer(project).problems
    assert problem.path == "b"
    assert problem.severity == "error"


def test_pairs_in_a_ring_are_refused() -> None:
    with pytest.raises(DataError, match=r"does not follow this one. Received a → b → a"):
        opened(points("a", paired_with="b"), points("b", paired_with="a"))


def stored(folder: Path, samples: int = 40) -> dict[str, dict[str, Any]]:
    """Parameters of data nodes over small files that hold as many samples each."""
    rows = np.arange(samples, dtype=np.float32)
    np.savez(folder / "array.npz", x=np.stack([rows, rows], axis=1))
    np.savez(folder / "fixed.npz", x=rows[:32, None], y=rows[:32], x_test=rows[32:, None], y_test=rows[32:])
    (folder / "table.csv").write_text("a,b\n" + "".join(f"{k},{k}\n" for k in range(samples)))
    (folder / "gap.csv").write_text(
        "a,b\n" + "".join(f"{k},{k}\n" if k != 5 else "5,5,5\n" for k in range(42))
    )
    (folder / "text.txt").write_text("abcd" * samples + "a")
    for i in range(samples):
        (folder / "pictures").mkdir(exist_ok=True)
        Image.new("L", (4, 4), i).save(folder / "pictures" / f"{i:03}.png")
    return {
        "array": {"dataset": "array-file", "path": str(folder / "array.npz"), "scaling": "none"},
        "fixed": {"dataset": "array-file", "path": str(folder / "fixed.npz"), "scaling": "none"},
        "table": {"dataset": "csv-file", "path": str(folder / "table.csv"), "scaling": "none"},
        "gap": {"dataset": "csv-file", "path": str(folder / "gap.csv"), "scaling": "none"},
        "text": {"dataset": "text-file", "path": str(folder / "text.txt"), "context": 4, "samples": samples},
        "pictures": {"dataset": "image-folder", "path": str(folder / "pictures"), "scaling": "none"},
    }


@pytest.mark.parametrize("other", ["table", "pictures"])
def test_pairs_of_different_kinds_hold_the_same_samples(tmp_path: Path, other: str) -> None:
    files = stored(tmp_path)
    project = drawing(("a", "data", files["array"]), ("b", "data", {**files[other], "paired_with": "a"}))
    assert not infer(project).errors
    with closing(Sources(compile(project))) as sources:
        values = [sources.next(), *(values for _, values in sources.validation())]
    for each in values:
        second = _numbers(each, "b").flatten(1)[:, 0]
        assert torch.equal(_numbers(each, "a")[:, 0], second.round())


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("fixed", "text", r"fixed by the files, as a has\. Received the end of the sequence"),
        ("array", "gap", r"Expected 40 stored samples, as a has\. Received 41 stored samples"),
    ],
)
def test_pairs_that_can_be_divided_in_other_ways_alone_are_refused(
    tmp_path: Path, first: str, second: str, message: str
) -> None:
    files = stored(tmp_path)
    files["text"]["validation"] = 0.5
    project = drawing(("a", "data", files[first]), ("b", "data", {**files[second], "paired_with": "a"}))
    problem = next(one for one in infer(project).errors if one.path == "b")
    assert re.search(message, problem.message)
    with pytest.raises(DataError, match=r"^b: Expected (the same|as many) samples"):
        Sources(compile(project))


def test_a_pair_with_a_row_left_out_at_an_unknown_place_is_refused(tmp_path: Path) -> None:
    files = stored(tmp_path, 41)
    project = drawing(("a", "data", files["array"]), ("b", "data", {**files["gap"], "paired_with": "a"}))
    with pytest.raises(DataError, match=r"b: Expected no row left out .* Received line 7: expected 2 cells"):
        Sources(compile(project))


def test_pairs_cut_to_a_limit_from_sets_of_other_sizes_are_refused() -> None:
    first, second = {"dataset": "digits", "samples": 50}, {"dataset": "circle", "samples": 50}
    project = drawing(("a", "data", first), ("b", "data", {**second, "paired_with": "a"}))
    (problem,) = infer(project).errors
    assert "Expected 1,797 stored samples, as a has. Received 50 stored samples" in problem.message


# Going on -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("steps", [0, 1, 3, 7])
def test_sources_go_on_where_they_were(steps: int, streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if streamed:
        monkeypatch.setattr(batches, "resident", lambda *_: None)

    def fresh() -> Sources:
        return opened(
            points("a"), points("b", samples=70), ("z", "noise", {"shape": [2]}), ("y", "class_labels")
        )

    made: list[Callable[[], None]] = []
    try:
        whole, second = fresh(), fresh()
        made += [whole.close, second.close]
        for _ in range(steps):
            whole.next()
        state = whole.state()
        second.next()  # wherever it was
        second.resume(state)
        assert all(torch.equal(state[name], tensor) for name, tensor in second.state().items())
        for _ in range(8):
            assert same(whole.next(), second.next())
    finally:
        for close in made:
            close()


def test_of_many_samples_that_are_left_out_the_first_are_told_and_the_rest_is_counted(tmp_path: Path) -> None:
    for number in range(60):
        folder = tmp_path / "ab"[number % 2]
        folder.mkdir(exist_ok=True)
        if number < 20:
            Image.new("L", (4, 4), number).save(folder / f"{number}.png")
        else:
            (folder / f"{number}.png").write_bytes(b"damaged")
    with closing(opened(("data", "data", {"dataset": "image-folder", "path": str(tmp_path)}))) as sources:
        told = sources.newly_skipped()
        assert (len(told), told[-1]) == (21, "… and 20 more.")
        assert all("damaged" not in line and ".png: not a picture" in line for line in told[:-1])
        assert len(sources.skipped()) == 40
        assert sources.newly_skipped() == []


def test_what_a_set_leaves_out_late_is_told_though_another_comes_after_it(tmp_path: Path) -> None:
    for name in ("first", "second"):
        for number in range(4):
            folder = tmp_path / name / "ab"[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), number).save(folder / f"{number}.png")
        (tmp_path / name / "a" / "5.png").write_bytes(b"damaged")
    steps: list[Step] = [
        (name, "data", {"dataset": "image-folder", "path": str(tmp_path / name)})
        for name in ("first", "second")
    ]
    with closing(opened(*steps)) as sources:
        assert len(sources.newly_skipped()) == 2
        skipped = sources._data[0].data.skipped
        assert isinstance(skipped, list)
        skipped.append("one more of the first")
        assert sources.newly_skipped() == ["one more of the first"]
        assert sources.newly_skipped() == []
