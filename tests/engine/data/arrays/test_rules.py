"""The rules by which arrays are understood: roles by names, axes by sizes, targets by values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nodes.reading.array.axes import axes_of
from nodes.reading.array.choosing import ChosenArrays, WantedArrays, choose, role_of
from nodes.reading.array.store import ArrayHead
from nodes.reading.array.targets import as_targets, form_of, runs_together
from nodes.reading.error import DataError

FLOATS, BYTES = np.dtype("f4"), np.dtype("u1")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", ("input", None)),
        ("X_train", ("input", 0)),
        ("trainImages", ("input", 0)),
        ("train/images", ("input", 0)),
        ("y_val", ("target", 1)),
        ("yTest", ("target", 2)),
        ("Xtr", ("input", 0)),
        ("test_labels", ("target", 2)),
        ("labels", ("target", None)),
        ("t10k-images", ("input", 2)),
        ("train", ("", 0)),
        ("weights", ("", None)),
    ],
)
def test_a_name_says_role_and_part(name: str, expected: tuple[str, int | None]) -> None:
    assert role_of(name) == expected


def chosen(wanted: WantedArrays | None = None, **sizes: tuple[int, ...]) -> ChosenArrays | None:
    heads = {name.replace("__", "/"): ArrayHead(shape, FLOATS) for name, shape in sizes.items()}
    return choose(heads, wanted or WantedArrays())


def test_arrays_are_chosen_by_name_then_by_size() -> None:
    found = chosen(train__X=(9, 2), train__y=(9,), val__X=(3, 2), val__y=(3,), test__X=(4, 2), test__y=(4,))
    assert found is not None
    assert (found.input, found.target) == ("train/X", "train/y")
    assert (found.held_input, found.held_target) == ("val/X", "val/y")
    assert found.spare == ("test/X", "test/y")
    found = chosen(train=(9, 2), test=(3, 2))
    assert found is not None
    assert (found.input, found.target, found.held_input) == ("train", None, "test")
    found = chosen(spectra=(9, 40), age=(9,), wavelengths=(40,))
    assert found is not None
    assert (found.input, found.target, found.unsure) == ("spectra", "age", True)
    found = chosen(signal_matrix=(9, 40), age=(9,))
    assert found is not None
    assert (found.input, found.target, found.unsure) == ("signal_matrix", "age", True)
    assert chosen(a=(9, 2), b=(9, 2), c=(9, 2)) is None


def test_what_is_wanted_counts() -> None:
    sizes = {"a": (9, 2), "b": (9, 2), "c": (9,)}
    found = chosen(WantedArrays(input="b"), **sizes)
    assert found is not None
    assert (found.input, found.target) == ("b", "c")
    found = chosen(WantedArrays(target="none"), x=(9, 2), y=(9,))
    assert found is not None
    assert (found.input, found.target) == ("x", None)
    found = chosen(WantedArrays(held_input="none"), x_train=(9, 2), y_train=(9,), x_test=(3, 2), y_test=(3,))
    assert found is not None
    assert (found.held_input, found.held_target) == (None, None)


@pytest.mark.parametrize("dtype", [FLOATS, BYTES, np.dtype("i8")])
@pytest.mark.parametrize(
    ("sizes", "channels", "sample", "doubts"),
    [
        ((12, 16, 3), "last", (3, 12, 16), 0),
        ((12, 16, 1), "last", (1, 12, 16), 0),
        ((3, 12, 16), "first", (3, 12, 16), 0),
        ((3, 12, 3), "first", (3, 12, 3), 1),
        ((64, 64, 8), "first", (64, 64, 8), 1),
        ((5, 12, 16, 3), "last", (3, 5, 12, 16), 0),
        ((7,), "first", (7,), 0),
        ((), "first", (1,), 0),
    ],
)
def test_channels_are_found_alike_for_floats_and_whole_numbers(
    dtype: Any, sizes: tuple[int, ...], channels: str, sample: tuple[int, ...], doubts: int
) -> None:
    found = axes_of((20, *sizes), dtype, 20, ("auto", "auto"))
    assert (found.channels, found.sample, len(found.doubts)) == (channels, sample, doubts)
    rows = np.arange(2 * int(np.prod(sizes))).reshape(2, *sizes)
    turned = found.turned(rows)
    assert turned.shape == (2, *sample)
    assert (turned.ravel() == (np.moveaxis(rows, -1, 1) if channels == "last" else rows).ravel()).all()


def test_two_sizes_are_grey_pictures_where_they_are_bytes_and_a_question_where_not() -> None:
    assert axes_of((20, 28, 28), BYTES, 20, ("auto", "auto")).sample == (1, 28, 28)
    found = axes_of((20, 28, 28), FLOATS, 20, ("auto", "auto"))
    assert found.sample == (28, 28)
    assert [doubt[:2] for doubt in found.doubts] == [("channels", "none")]
    assert axes_of((20, 28, 28), FLOATS, 20, ("auto", "none")).sample == (1, 28, 28)
    assert axes_of((20, 50, 2), FLOATS, 20, ("auto", "last")).sample == (2, 50)


def test_samples_lie_where_there_are_as_many_targets() -> None:
    assert axes_of((32, 32, 3, 500), BYTES, 500, ("auto", "auto")).sample == (3, 32, 32)
    assert axes_of((13, 178), FLOATS, 178, ("auto", "auto")).sample == (13,)
    assert axes_of((178, 13), FLOATS, 178, ("auto", "auto")).sample == (13,)
    found = axes_of((20, 20), FLOATS, 20, ("auto", "auto"))
    assert (found.samples, [doubt[0] for doubt in found.doubts]) == ("first", ["samples_axis"])


@pytest.mark.parametrize(
    ("target", "doubles", "kind", "names"),
    [
        (np.array([2, 5, 2, 5]), False, "classes", ("2", "5")),
        (np.array([[2], [5], [2]]), False, "classes", ("2", "5")),
        (np.array([-1, 1, 1]), False, "classes", ("-1", "1")),
        (np.array([True, False]), False, "classes", ("False", "True")),
        (np.array(["b", "a", "b"]), False, "words", ("a", "b")),
        (np.eye(3), False, "one-hot", ("0", "1", "2")),
        (np.eye(3, dtype="u1"), False, "one-hot", ("0", "1", "2")),
        (np.array([0.0, 1, 2] * 2), False, "classes", ("0", "1", "2")),
        (np.array([0.0, 1] * 3), False, "numbers", ()),
        (np.array([-1.0, 1] * 3), False, "numbers", ()),
        (np.array([0.0, 1] * 3), True, "classes", ("0", "1")),
        (np.array([1.0, 2] * 3), False, "classes", ("1", "2")),
        (np.array([0.5, 1, 2]), False, "numbers", ()),
        (np.array([[0.0, 1], [1, 1]]), False, "numbers", ()),
        (np.array([1.0, 2, 3]), False, "numbers", ()),
    ],
)
def test_targets_are_what_their_values_say(
    target: np.ndarray, doubles: bool, kind: str, names: tuple[str, ...]
) -> None:
    found = form_of("a.npz", target, "auto", doubles=doubles)
    assert (found.kind, found.names()) == (kind, names)
    assert found.why
    wanted = target.argmax(1) if kind == "one-hot" else np.unique(target, return_inverse=True)[1].ravel()
    if names:
        assert as_targets("a.npz", target, found).tolist() == wanted.tolist()


def test_every_other_reading_of_targets_is_a_question() -> None:
    for target, other in (
        (np.eye(3), "regression"),
        (np.array([0.0, 1, 2] * 2), "regression"),
        (np.array([0.0, 1] * 3), "classification"),
        (np.array([0.0, 0.5] * 3), ""),
        (np.array([0, 1] * 3), ""),
        (np.arange(60) % 30, "regression"),
    ):
        assert form_of("a.npz", target, "auto", doubles=False).other[1] == other


def test_rows_of_the_held_back_part_that_are_not_one_hot_are_named() -> None:
    form = form_of("a.npz", np.eye(3), "auto", doubles=False)
    with pytest.raises(DataError, match=r"a single 1 in each row. Received others in row 2"):
        as_targets("a.npz", np.array([[1.0, 0, 0], [1, 1, 0]]), form)


def test_numbers_that_single_precision_cannot_tell_apart_are_seen() -> None:
    assert runs_together(np.array([1.7e9, 1.7e9 + 1, 1.7e9 + 2]))
    assert runs_together(np.array([1_700_000_000, 1_700_000_250]))
    assert not runs_together(np.array([1.7e9, 0.0]))
    assert not runs_together(np.array([3.0, 3.0]))
    assert not runs_together(np.arange(5.0))
