"""How samples are held back: the same on every machine, by class, by group, by time, as words say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.reading.dataset import Scaling
from nodes.reading.error import DataError
from nodes.reading.split import (
    DividedSamples,
    SplitChoice,
    SplitMarks,
    divide,
    held_back,
    scaling,
    shared_out,
    shuffled,
)

CLASSES = np.array([0, 1, 2, 0, 0, 1, 2, 0, 1, 0, 2, 0])
GROUPS = np.array(["b", "a", "c", "b", "a", "d", "d", "e", "c", "a", "e", "b"])
TIMES = np.array([3.0, 1.0, 2.0, 9.0, 8.0, 7.0, 4.0, 5.0, 6.0, 0.0, 11.0, 10.0])


def divided(kind: str, count: int = 12, *, share: float = 0.25, seed: int = 7, limit: int = 0, **marks: Any):
    return divide(count, SplitChoice(kind, share, seed, limit), SplitMarks(**marks), "here.csv")


@pytest.mark.parametrize(
    ("found", "validation"),
    [
        (divided("random"), [4, 6, 10]),
        (divided("random", 1000, share=0.005), [151, 213, 816, 900, 923]),
        (divided("stratified", classes=CLASSES), [1, 4, 6]),
        (divided("group", groups=GROUPS), [2, 8]),
        (divided("time", order=TIMES), [3, 10, 11]),
        (divided("random", limit=6), [4, 6]),
    ],
)
def test_a_seed_gives_the_same_parts_on_every_machine(found: DividedSamples, validation: list[int]) -> None:
    assert found.validation.tolist() == validation


def draws(times: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(times)]


def random_choice(rng: np.random.Generator, count: int) -> dict[str, Any]:
    limit = int(rng.integers(0, count + 3))
    return {
        "share": float(rng.choice([0.0, 0.01, 0.2, 0.5, 0.9])),
        "seed": int(rng.integers(99)),
        "limit": limit,
    }


def random_marks(rng: np.random.Generator, count: int) -> dict[str, Any]:
    return {
        "classes": rng.integers(0, 5, count),
        "groups": rng.integers(0, max(count // 3, 1), count).astype(str),
        "order": rng.integers(0, count, count).astype(float),
        "words": np.append(rng.choice(["train", "val", "Test "], count - 1), "train"),
        "parts": np.append(rng.integers(0, 3, count - 1), 0),
    }


@pytest.mark.parametrize("kind", ["random", "stratified", "group", "time", "column", "fixed"])
def test_no_sample_is_in_two_parts_and_the_same_is_drawn_again(kind: str) -> None:
    for rng in draws(40):
        count = int(rng.integers(2, 60))
        choice, marks = random_choice(rng, count), random_marks(rng, count)
        found, again = (divided(kind, count, **choice, **marks) for _ in range(2))
        every = np.concatenate([found.train, found.validation, found.test])
        assert len(np.unique(every)) == len(every)
        assert all((np.diff(part) > 0).all() for part in (found.train, found.validation))
        assert (
            len(found.train) + len(found.validation) <= max(choice["limit"], 2) if choice["limit"] else count
        )
        assert np.array_equal(found.train, again.train)
        assert np.array_equal(found.validation, again.validation)


def test_a_group_is_never_in_both_parts() -> None:
    for rng in draws(200):
        count = int(rng.integers(2, 80))
        groups = rng.integers(0, int(rng.integers(1, count)), count)
        choice = random_choice(rng, count)
        found = divided("group", count, **choice, groups=groups)
        assert not set(groups[found.train]) & set(groups[found.validation])
        assert len(found.train)
        used = np.concatenate([found.train, found.validation])
        if choice["share"] and len(np.unique(groups[used])) > 1:
            assert len(found.validation)


def test_groups_come_near_to_the_share_whatever_their_sizes() -> None:
    groups = np.repeat(np.arange(100), 10)
    assert len(divided("group", 1000, share=0.2, groups=groups).validation) == 200
    lopsided = np.array([0] * 90 + list(range(1, 11)))
    for seed in range(20):
        assert len(divided("group", 100, share=0.2, seed=seed, groups=lopsided).validation) <= 20


def test_of_each_class_its_share_is_held_back() -> None:
    for rng in draws(50):
        classes = rng.choice(4, 400, p=[0.6, 0.3, 0.08, 0.02])
        found = divided("stratified", 400, share=0.2, seed=int(rng.integers(99)), classes=classes)
        assert len(found.validation) == held_back(400, 0.2)
        for label in range(4):
            own = (classes == label).sum()
            assert abs((classes[found.validation] == label).sum() - 0.2 * own) < 1


def test_a_class_with_too_few_samples_to_validate_is_named() -> None:
    found = divided("stratified", 11, classes=np.array([0] * 10 + [1]), class_names=("cat", "dog"))
    assert found.notes == ("Too few samples to validate of 1 class: dog",)
    assert 10 in found.train


def test_what_is_shared_out_comes_to_the_total() -> None:
    for rng in draws(50):
        sizes = rng.integers(0, 50, int(rng.integers(1, 9)))
        total = int(rng.integers(0, sizes.sum() + 1))
        found = shared_out(sizes, total)
        assert found.sum() == (total if sizes.sum() else 0)
        assert (found <= sizes).all()


def test_the_last_by_time_validate_and_one_time_stays_together() -> None:
    for rng in draws(100):
        count = int(rng.integers(2, 60))
        order = rng.integers(0, 12, count)
        found = divided("time", count, share=0.3, order=order)
        if len(found.validation):
            assert order[found.train].max() < order[found.validation].min()
        else:
            assert len(np.unique(order)) == 1
            assert "nothing can be held back" in found.notes[0]


def test_dates_are_an_order_too_and_a_missing_one_is_named() -> None:
    dates = np.array(["2024-03-01", "2024-01-01", "2024-02-01", "2023-12-01"], "datetime64[D]")
    assert divided("time", 4, order=dates).validation.tolist() == [0]
    dates[2] = "NaT"
    with pytest.raises(
        DataError, match=r"here.csv: Expected a day for each sample.*Received none for sample 3"
    ):
        divided("time", 4, order=dates, order_name="day")


def test_words_are_no_order() -> None:
    with pytest.raises(
        DataError, match=r"Expected numbers, dates or times as 'month'.*Received words, as 'jan'"
    ):
        divided("time", 4, order=np.array(["jan", "feb", "mar", "apr"]), order_name="month")


@pytest.mark.parametrize(
    ("words", "train", "validation", "test"),
    [
        (["train", "val", "TRAIN", "Validation "], [0, 2], [1, 3], []),
        (["training", "test", "train", "dev"], [0, 2], [3], [1]),
        (["train", "test", "train", "test"], [0, 2], [1, 3], []),
    ],
)
def test_words_of_a_column_divide(
    words: list[str], train: list[int], validation: list[int], test: list[int]
) -> None:
    found = divided("auto", 4, words=np.array(words), words_name="fold")
    assert found.train.tolist() == train
    assert found.validation.tolist() == validation
    assert found.test.tolist() == test
    assert "as column 'fold' says" in found.sentence
    assert [note.startswith("1 sample to test is set aside") for note in found.notes] == [True] * len(test)


def test_a_word_that_says_nothing_is_named_with_its_sample() -> None:
    with pytest.raises(DataError, match=r"val or test in column 'fold'.*'maybe' for sample 3"):
        divided("column", 3, words=np.array(["train", "val", "maybe"]), words_name="fold")


def test_samples_without_a_group_stay_together_and_are_counted() -> None:
    groups = np.array([1.0, np.nan, 2.0, np.nan, 3.0, np.nan])
    for seed in range(10):
        found = divided("group", 6, share=0.5, seed=seed, groups=groups, group_name="patient")
        assert len({1, 3, 5} & set(found.train.tolist())) in (0, 3)
        assert found.notes == ("3 samples without a patient are taken as one group.",)
    same = divided("group", 4, groups=np.array(["a"] * 4))
    assert not len(same.validation)
    assert "Every sample has the same group" in same.notes[0]


@pytest.mark.parametrize("kind", ["stratified", "group", "time", "column"])
def test_a_kind_whose_column_is_missing_is_refused(kind: str) -> None:
    with pytest.raises(DataError, match=rf"here.csv: split: Expected .* for '{kind}'. Received none"):
        divided(kind)


def test_at_random_is_what_it_always_was() -> None:
    for rng in draws(20):
        count = int(rng.integers(2, 60))
        choice = random_choice(rng, count)
        found = divided("auto", count, **choice)
        train, validation = shuffled(count, choice["share"], choice["seed"], choice["limit"])
        assert np.array_equal(found.train, train)
        assert np.array_equal(found.validation, validation)


def test_a_declaration_divides_by_its_parameters() -> None:
    class Chosen(DataSetDeclaration):
        split = split_param()

    one = Chosen({"split": "stratified", "validation": 0.25, "samples": 8})
    found = one.divided(12, 7, SplitMarks(classes=CLASSES))
    assert found.division == "stratified"
    assert len(found.train) + len(found.validation) == 8
    assert Chosen().divided(12, 7).division == "shuffled"


@pytest.mark.parametrize(
    ("axis", "make"),
    [
        (-1, lambda rng: rng.normal(3.0, 9.0, (40, 3))),
        (1, lambda rng: rng.integers(0, 256, (6, 3, 5, 4)).astype(np.uint8)),
        (-1, lambda rng: rng.normal(0.0, 1e6, (40, 1))),
    ],
)
@pytest.mark.parametrize("choice", ["none", "0-1", "standardise"])
def test_a_scaling_is_undone(
    axis: int, make: Callable[[np.random.Generator], np.ndarray], choice: str
) -> None:
    values = make(np.random.default_rng(1))
    found = scaling(values, choice, axis)
    shape = [1] * values.ndim
    shape[axis] = -1
    scaled = (values / found.divisor - np.reshape(found.mean, shape if len(found.mean) > 1 else -1)) / (
        np.reshape(found.deviation, shape if len(found.deviation) > 1 else -1)
    )
    assert np.allclose(found.undone(scaled, axis), values)


def test_a_scaling_of_other_columns_is_not_undone() -> None:
    with pytest.raises(ValueError, match="expected 3 columns"):
        Scaling(1.0, (0.0,) * 3, (1.0,) * 3).undone(np.zeros((4, 2)))
