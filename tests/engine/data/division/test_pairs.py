"""The sets of a pair correspond row for row, whatever they are and however each is cut and divided."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data import shown
from engine.data.pairing import data_of, group_of
from engine.data.pairs import load_paired
from engine.infer import infer
from nodes.data.source import DataSource
from nodes.data_sets.registry import data_sets
from nodes.reading.dataset import DataSplit
from nodes.reading.error import DataError
from nodes.reading.picture import picture_files
from nodes.reading.split import scaling
from tests.drawings import Step
from tests.engine.feed.test_sources import drawing

COUNT = 30
KINDS = ("table", "gap", "grouped", "array", "fixed", "pictures", "broken", "text", "series", "points")
AT_WILL = ("table", "gap", "array", "pictures", "broken", "points")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Parameters of data nodes whose sample k shows that it is the k-th; all store as many."""
    folder = tmp_path_factory.mktemp("pairs")
    rows = np.arange(COUNT, dtype=np.float32)
    np.savez(folder / "array.npz", x=np.stack([rows, rows], axis=1))
    np.savez(folder / "fixed.npz", x=rows[:22, None], y=rows[:22], x_test=rows[22:, None], y_test=rows[22:])
    (folder / "table.csv").write_text("a,b\n" + "".join(f"{k},{k}.5\n" for k in range(COUNT)))
    (folder / "gap.csv").write_text(
        "a,b\n" + "".join(f"{k},{k if k not in (3, 28) else ''}\n" for k in range(COUNT))
    )
    (folder / "grouped.csv").write_text("a,who,b\n" + "".join(f"{k},p{k % 7},{k}.5\n" for k in range(COUNT)))
    (folder / "series.csv").write_text("a\n" + "".join(f"{k}\n" for k in range(COUNT + 1)))
    (folder / "text.txt").write_text("".join(chr(0x4E00 + k) * 3 for k in range(COUNT)) + chr(0x4E00))
    for name, ruined in (("pictures", ()), ("broken", (4, 17))):
        (folder / name).mkdir()
        for k in range(COUNT):
            Image.new("L", (2, 2), k).save(folder / name / f"{k:03}.png")
        for k in ruined:
            (folder / name / f"{k:03}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"no picture")

    def of(dataset: str, name: str, **more: Any) -> dict[str, Any]:
        return {"dataset": dataset, "path": str(folder / name), **more}

    return {
        "table": of("csv-file", "table.csv", scaling="none", task="regression"),
        "gap": of("csv-file", "gap.csv", scaling="none", task="regression"),
        "grouped": of(
            "csv-file",
            "grouped.csv",
            scaling="none",
            task="regression",
            group_column="who",
            input_columns="a",
        ),
        "array": of("array-file", "array.npz", scaling="none"),
        "fixed": of("array-file", "fixed.npz", scaling="none", task="regression"),
        "pictures": of("image-folder", "pictures", scaling="none"),
        "broken": of("image-folder", "broken", scaling="none"),
        "text": of("text-file", "text.txt", context=3),
        "series": of("series-file", "series.csv", window=1, scaling="none"),
        "points": {"dataset": "circle", "samples": COUNT},
    }


def shown_by(kind: str, part: DataSplit) -> list[int]:
    """Which sample each row shows that it is."""
    values = part.input.fetch(np.arange(len(part)))
    if kind == "points":
        return [int(np.flatnonzero((_made() == row).all(axis=1))[0]) for row in values]
    return [int(row.flat[0]) for row in values]


def _made(seed: int = 0) -> np.ndarray:
    return data_sets()["circle"]({"samples": COUNT}).make(seed)[0].astype(np.float32)


def pair(
    files: dict[str, dict[str, Any]],
    a: str,
    b: str,
    first: dict[str, Any] | None = None,
    second: dict[str, Any] | None = None,
) -> dict[str, DataSource]:
    own = {**files[b], "paired_with": "a", **(second or {})}
    return {"a": DataSource(**{**files[a], **(first or {})}), "b": DataSource(**own)}


def changes_of(rng: np.random.Generator, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"validation": float(rng.choice([0.0, 0.1, 0.2, 0.5]))}
    if kind in ("table", "gap", "grouped", "array", "pictures", "broken"):
        found["samples"] = int(rng.choice([0, 0, 7, COUNT, 50]))
    return found


@pytest.mark.parametrize(("a", "b"), list(product(KINDS, KINDS)))
def test_rows_of_a_pair_are_the_same_samples(files: dict[str, dict[str, Any]], a: str, b: str) -> None:
    can_be_refused = a not in AT_WILL and b not in AT_WILL
    for seed in range(4):
        rng = np.random.default_rng(seed)
        nodes = pair(files, a, b, changes_of(rng, a), changes_of(rng, b))
        refused: list[str] = []
        try:
            sets = load_paired(nodes, 0 if "points" in (a, b) else seed)
        except DataError as error:
            refused.append(str(error))
        if refused:
            assert can_be_refused, refused
            assert "Received others: samples are divided differently" in refused[0]
            continue
        for first, second in zip(*([one.train, one.validation] for one in sets.values()), strict=True):
            assert shown_by(a, first) == shown_by(b, second)
        train, held = (set(shown_by(a, part)) for part in (sets["a"].train, sets["a"].validation))
        assert train
        assert not train & held


@pytest.mark.parametrize(("a", "b"), [("array", "text"), ("text", "array"), ("pictures", "fixed")])
def test_a_pair_is_divided_once_as_the_set_that_can_be_divided_in_one_way_alone(
    files: dict[str, dict[str, Any]], a: str, b: str
) -> None:
    sets = load_paired(pair(files, a, b), 0)
    held = {"text": range(24, 30), "fixed": range(22, 30)}
    bound = held[a if a in held else b]
    for kind, one in zip((a, b), sets.values(), strict=True):
        assert shown_by(kind, one.validation) == list(bound)
        assert shown_by(kind, one.train) == [k for k in range(COUNT) if k not in bound]


def test_what_one_of_a_pair_leaves_out_is_left_out_of_the_other_and_counted(
    files: dict[str, dict[str, Any]],
) -> None:
    sets = load_paired(pair(files, "table", "broken"), 0)
    every = sorted(shown_by("table", sets["a"].train) + shown_by("table", sets["a"].validation))
    assert every == [k for k in range(COUNT) if k not in (4, 17)]
    assert sets["a"].info.samples == sets["b"].info.samples == COUNT - 2
    assert "a: 2 of its samples are not used, as b leaves them out." in sets["a"].notes


@pytest.mark.parametrize("b", ["table", "array", "pictures", "gap"])
def test_a_pair_is_divided_by_the_groups_of_the_set_that_has_them(
    files: dict[str, dict[str, Any]], b: str
) -> None:
    for nodes in (pair(files, "grouped", b), pair(files, b, "grouped")):
        sets = load_paired(nodes, 0)
        kind = b if nodes["a"].values.get("group_column") else "grouped"
        train, held = (
            {k % 7 for k in shown_by(kind, part)} for part in (sets["b"].train, sets["b"].validation)
        )
        assert held
        assert not train & held


def test_the_scaling_of_a_set_in_a_pair_is_that_of_the_part_that_trains(
    files: dict[str, dict[str, Any]],
) -> None:
    sets = load_paired(pair(files, "text", "table", second={"scaling": "standardise"}), 0)
    assert sets["b"].train.input_scaling == scaling(np.arange(24.0)[:, None], "standardise")
    assert sets["b"].validation.input_scaling == sets["b"].train.input_scaling


def test_that_a_set_is_divided_as_its_pair_and_not_as_it_asks_is_told(
    files: dict[str, dict[str, Any]],
) -> None:
    sets = load_paired(pair(files, "array", "table", second={"validation": 0.5}), 0)
    assert len(sets["b"].validation) == 6
    assert sets["b"].notes[-1] == "b: Its samples are held back as those of a, which it is paired with."
    assert not load_paired(pair(files, "array", "table"), 0)["b"].notes


def test_a_single_set_is_what_it_is_alone(files: dict[str, dict[str, Any]]) -> None:
    nodes = {"a": DataSource(**files["array"]), "c": DataSource(**files["array"], validation=0.5)}
    sets = load_paired(nodes, 0)
    assert len(sets["a"].validation) == 6
    assert len(sets["c"].validation) == 15


def folder_of(folder: Path, names: list[str], broken: int = -1) -> dict[str, Any]:
    """A data node of pictures with these names, the k-th all of k."""
    for k, name in enumerate(sorted(names)):
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if k == broken:
            place.write_bytes(b"\x89PNG\r\n\x1a\n" + b"no picture")
        else:
            Image.new("L", (2, 2), k).save(place)
    return {"dataset": "image-folder", "path": str(folder), "scaling": "none"}


NUMBERED = [f"{k:03}.png" for k in range(12)]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ([f"{k:03}.png" for k in range(1, 13)], r"/a/000.png' at place 1. Received '.*/b/001.png'"),
        ([*NUMBERED[:5], "004b.png", *NUMBERED[6:]], r"/a/005.png' at place 6. Received '.*/b/004b.png'"),
        (
            [f"{'ab'[k % 2]}/{k:03}.png" for k in range(12)],
            r"/a/001.png' at place 2. Received '.*/b/a/002.png'",
        ),
    ],
)
def test_pictures_of_a_pair_whose_names_lie_at_other_places_are_refused(
    tmp_path: Path, other: list[str], message: str
) -> None:
    own = folder_of(tmp_path / "b", other)
    if "a/" in other[0]:
        own["classes_from"] = "none"
    nodes = pair({"first": folder_of(tmp_path / "a", NUMBERED), "second": own}, "first", "second")
    with pytest.raises(DataError, match=f"b: Expected samples of the same names as a.*{message}"):
        load_paired(nodes, 0)


def test_pictures_of_a_pair_without_a_name_in_common_go_by_order_which_is_told(tmp_path: Path) -> None:
    files = {
        "first": folder_of(tmp_path / "a", NUMBERED),
        "same": folder_of(tmp_path / "b", [name.replace(".png", ".bmp") for name in NUMBERED]),
        "other": folder_of(tmp_path / "c", [f"clean {name}" for name in NUMBERED]),
    }
    assert not load_paired(pair(files, "first", "same"), 0)["b"].notes
    (note,) = load_paired(pair(files, "first", "other"), 0)["b"].notes
    assert note.startswith(
        "b: No name of a sample is also in a, so they are paired in the order of their names"
    )
    assert "clean 000.png with " in note


def test_names_that_are_in_several_classes_count_with_their_folders(tmp_path: Path) -> None:
    names = [f"{folder}/{k}.png" for folder in ("cat", "dog") for k in range(6)]
    files = {
        "first": folder_of(tmp_path / "a", names),
        "same": folder_of(tmp_path / "b", names),
        "other": folder_of(tmp_path / "c", [*names[:-1], "cat/9.png"]),
    }
    assert not load_paired(pair(files, "first", "same"), 0)["b"].notes
    with pytest.raises(DataError, match=r"/dog/0.png' at place 7. Received '.*cat/9.png'"):
        load_paired(pair(files, "first", "other"), 0)


def test_in_a_pair_no_picture_stands_in_for_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many pictures few are decoded before the first step; in a pair all are."""
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 3)
    monkeypatch.setattr(picture_files, "SMALL_CLASS", 0)
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{k},{k}.5\n" for k in range(12)))
    table = {"dataset": "csv-file", "path": str(tmp_path / "t.csv"), "scaling": "none", "task": "regression"}
    for broken in range(12):
        pictures = folder_of(tmp_path / f"p{broken}", NUMBERED, broken)
        for a, b in (("table", "pictures"), ("pictures", "table")):
            sets = load_paired(pair({"table": table, "pictures": pictures}, a, b), 0)
            for first, second in zip(*([one.train, one.validation] for one in sets.values()), strict=True):
                assert shown_by(a, first) == shown_by(b, second)
                assert broken not in shown_by(a, first)


@pytest.mark.parametrize("empty", ["a", "b", "both"])
@pytest.mark.parametrize("kind", ["csv-file", "image-folder", "array-file", "text-file", "series-file"])
def test_a_pair_without_a_file_is_told_at_the_node_that_lacks_it(kind: str, empty: str) -> None:
    lacking, there = {"dataset": kind}, {"dataset": "circle"}
    first: Step = ("a", "data", lacking if empty in ("a", "both") else there)
    second: Step = ("b", "data", {**(lacking if empty in ("b", "both") else there), "paired_with": "a"})
    told = {problem.path for problem in infer(drawing(first, second)).errors}
    assert told == ({"a", "b"} if empty == "both" else {empty})


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize(("a", "b"), [("grouped", "table"), ("table", "grouped"), ("fixed", "pictures")])
def test_what_is_shown_of_a_set_in_a_pair_is_what_trains(
    files: dict[str, dict[str, Any]], a: str, b: str, seed: int
) -> None:
    nodes = pair(files, a, b, second={"validation": 0.5} if b == "table" else None)
    for path, kind in (("a", a), ("b", b)):
        trains = load_paired(nodes, seed)[path]
        data = data_of(nodes, path, seed)
        samples = shown.preview(data, COUNT)
        if kind == "pictures":
            assert samples.images is not None
            seen = {int(one.flat[0]) for one in samples.images}
        else:
            seen = {int(float(row[0])) for row in samples.rows}
        assert seen == set(shown_by(kind, trains.train))
        look = shown.look(data)
        assert (look.training, look.validation) == (len(trains.train), len(trains.validation))
        assert look.info.samples == trains.info.samples
        assert set(trains.notes) <= set(look.warnings)


def test_only_the_nodes_of_a_pair_are_read_to_show_it(files: dict[str, dict[str, Any]]) -> None:
    nodes = pair(files, "table", "array") | {
        "c": DataSource(**files["points"]),
        "d": DataSource(**{**files["points"], "paired_with": "nobody"}),
        "e": DataSource(**{**files["text"], "paired_with": "b"}),
    }
    assert [*group_of(nodes, "b")] == [*group_of(nodes, "a")] == ["a", "b", "e"]
    assert [*group_of(nodes, "c")] == ["c"]
    with pytest.raises(DataError, match="paired_with: Expected another data node"):
        shown.load(data_of(nodes, "d"))
