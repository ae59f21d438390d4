"""Tables that list pictures: which column is what, and which rows are left out, by their lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.labels.joined import joined_labels
from nodes.reading.picture import picture_files
from nodes.reading.picture.listed.table_paths import OUTSIDE, TablePaths
from tests.engine.data.pictures.painted import paint
from tests.engine.data.sources import rows, source


def table(folder: Path, lines: Sequence[str], count: int = 6, name: str = "list.csv") -> Path:
    """Pictures images/0.png … of greys 10, 20, …, and a table of these lines."""
    for i in range(count):
        paint(folder / "images" / f"{i}.png", 10 * (i + 1))
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder / name


def loaded(path: Path, **params: object) -> DataSet:
    return catalogue.load(source("image-table", path=str(path), validation=0, **params))


def greys(data: DataSet) -> list[int]:
    return [int(one) for one in rows(data.train.input)[:, 0, 0, 0]]


@pytest.mark.parametrize(
    ("head", "form", "target"),
    [
        ("image_path,label", "images/{i}.png,{c}", "label"),
        ("x:image,y:label", "./images/{i}.png,{c}", "y:label"),
        ("", "images/{i}.png,{c}", "column 2"),
        ("id;breed", "{i}.png;{c}", "breed"),
        ("id,breed", "{i},{c}", "breed"),
        ("a\tfile\tclass", "{i}7\timages\\{i}.png\t{c}", "class"),
    ],
)
def test_a_table_of_pictures_is_known_when_it_is_dropped(
    head: str, form: str, target: str, tmp_path: Path
) -> None:
    lines = [form.format(i=i, c="ab"[i % 2]) for i in range(6)]
    path = table(tmp_path, [head, *lines] if head else lines)
    for dropped in (path, tmp_path):
        match = catalogue.recognised(dropped)[0]
        assert (match.dataset, match.recognised.values["path"]) == ("image-table", str(path))
    data = loaded(path)
    assert (data.info.classes, greys(data)) == (("a", "b"), [10, 20, 30, 40, 50, 60])
    assert rows(data.train.target).tolist() == [0, 1, 0, 1, 0, 1]
    look = catalogue.look(source("image-table", path=str(path)))
    assert [part.name for part in look.parts if part.role == "target"] == [target]
    assert not look.warnings


def test_nothing_outside_of_the_folder_of_the_table_is_read(tmp_path: Path) -> None:
    paint(tmp_path / "secret.png")
    paint(tmp_path / "elsewhere" / "x.png")
    inside = tmp_path / "set"
    path = table(
        inside,
        [
            *("file,label", "images/0.png,a", "images/1.png,b", "../secret.png,a"),
            *("images/../../secret.png,a",),
            *(f"{tmp_path}/secret.png,a", "away/x.png,b", "images/link.png,b", "images/within.png,a"),
            *(f"{inside}/images/2.png,a", "/etc/passwd,b", "images/3.png,b"),
        ],
    )  # fmt: skip
    (inside / "away").symlink_to(tmp_path / "elsewhere")
    (inside / "images" / "link.png").symlink_to(tmp_path / "secret.png")
    (inside / "images" / "within.png").symlink_to(inside / "images" / "4.png")
    data = loaded(path)
    assert greys(data) == [10, 20, 50, 30, 40]
    out, lost = data.skipped
    words = "leading out of the folder of the table: line 4: ../secret.png, line 5"
    assert out.startswith(f"list.csv: 5 rows left out, {words}")
    assert lost == "list.csv: 1 row left out, naming no picture that is there: line 7: away/x.png"


def test_paths_do_not_lead_out_by_any_spelling(tmp_path: Path) -> None:
    paint(tmp_path / "set-2" / "0.png")
    paint(tmp_path / "set" / "a" / "0.png")
    find = TablePaths(tmp_path / "set").find
    assert find("a/0.png") == find("a\\0.png") == find("./a//0.png") == find("a/0") == find("0")
    assert find("../set-2/0.png") == find("..\\set-2\\0.png") == find("C:/0.png") == OUTSIDE
    assert find("") == find("a\0.png") == find("a") == find("b/0.png") == ""


def test_rows_that_cannot_be_used_are_named_by_their_lines(tmp_path: Path) -> None:
    path = table(tmp_path, ["file,label", *(f"images/{i}.png,{'ab'[i % 2]}" for i in range(6)),
                            "images/77.png,a", "images/0.png,", "images/1.png,b"])  # fmt: skip
    assert list(loaded(path).skipped) == [
        "list.csv: 1 row left out, naming no picture that is there: line 8: images/77.png",
        "list.csv: 1 row left out, having no label in label: line 9",
        "1 picture is listed several times, and may both train and validate: 1.png",
    ]


def test_numbers_are_values_and_whole_ones_are_in_doubt(tmp_path: Path) -> None:
    path = table(tmp_path, ["file,age", *(f"images/{i}.png,{1.5 * i}" for i in range(6))])
    data = loaded(path)
    assert data.info.target is not None
    assert data.info.target.features == (1,)
    assert rows(data.train.target).ravel().tolist() == [1.5 * i for i in range(6)]
    assert data.train.target_scaling is not None
    assert data.train.target_scaling.mean == (3.75,)
    whole = table(tmp_path, ["file,age", *(f"images/{i}.png,{9 * i}" for i in range(6))], name="whole.csv")
    doubt = catalogue.look(source("image-table", path=str(whole))).doubts[0]
    assert doubt.answers[doubt.taken].values == {"task": "classification"}
    assert loaded(whole, task="regression").info.classes == ()
    assert loaded(whole).info.classes == ("0", "9", "18", "27", "36", "45")


def test_several_labels_are_a_row_of_flags(tmp_path: Path) -> None:
    path = table(tmp_path, ["file,cat,dog", *(f"images/{i}.png,{i % 2},{i % 3 // 2}" for i in range(6))])
    data = loaded(path)
    assert rows(data.train.target).tolist() == [[i % 2, i % 3 // 2] for i in range(6)]
    assert data.train.target_scaling is None


def test_words_and_groups_divide_the_pictures(tmp_path: Path) -> None:
    parts = ["train"] * 4 + ["test"] * 2
    cells = [f"images/{i}.png,{'ab'[i % 2]},{parts[i]},{i // 2}" for i in range(6)]
    path = table(tmp_path, ["file,label,split,patient", *cells])
    data = catalogue.load(source("image-table", path=str(path)))
    assert (greys(data), len(data.validation), data.info.division) == ([10, 20, 30, 40], 2, "column")
    grouped = catalogue.load(
        source("image-table", path=str(path), group_column="patient", split="group", validation=0.3)
    )
    held = {int(grey) // 10 - 1 for grey in rows(grouped.validation.input)[:, 0, 0, 0]}
    assert {i // 2 for i in held} & {i // 2 for i in range(6) if i not in held} == set()
    assert held


def test_a_role_is_chosen_for_a_column(tmp_path: Path) -> None:
    lines = [f"images/{i}.png,{'ab'[i % 2]},{'cd'[i // 3]}" for i in range(6)]
    path = table(tmp_path, ["file,kind,tone", *lines])
    one = catalogue.declared(source("image-table", path=str(path)))
    assert loaded(path).info.classes == ("c", "d")
    values = one.values_for_role("tone", "ignore")
    assert values["target_columns"] == ""
    assert loaded(path, target_columns="kind").info.classes == ("a", "b")
    with pytest.raises(DataError, match="Expected a column that names no files"):
        one.values_for_role("file", "target")
    with pytest.raises(DataError, match="Expected one of the columns"):
        loaded(path, target_columns="nothing")


@pytest.mark.parametrize("streamed", [False, True])
def test_the_value_of_a_picture_that_is_broken_goes_with_it(
    streamed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if streamed:
        monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 0)
        monkeypatch.setattr(picture_files, "SMALL_CLASS", 0)
        monkeypatch.setattr(picture_files, "KEPT_BYTES", 0)
    path = table(tmp_path, ["file,age", *(f"images/{i}.png,{i + 1.5}" for i in range(6))])
    (tmp_path / "images" / "2.png").write_bytes(b"no picture")
    data = loaded(path)
    part = data.train
    seen = np.arange(len(part))
    pixels = part.input.fetch(seen)[:, 0, 0, 0].astype(int)
    values = part.target.fetch(seen).ravel()  # type: ignore[union-attr]
    assert len(part) == (6 if streamed else 5)
    assert [grey / 10 + 0.5 for grey in pixels] == values.tolist()
    assert len(data.skipped) == 1


def test_several_labels_in_one_cell_are_told() -> None:
    found = joined_labels(["cat", "cat|dog", "dog", "dog|bird", "bird"])
    assert found is not None
    assert (found.joined, found.example, found.is_likely) == (2, "cat|dog", True)
    assert joined_labels(["black-cat", "dog, small", "bird"]) is None
    assert joined_labels(["a/b", "c/d"]) is None, "no label is in two names"


def test_each_label_of_a_cell_holds_of_its_picture(tmp_path: Path) -> None:
    cells = ["cat", "cat|dog", "dog", "dog|bird", "bird", "bird|cat"]
    path = table(tmp_path, ["file,tags", *(f"images/{i}.png,{cell}" for i, cell in enumerate(cells))])
    data = loaded(path, several_labels="auto")
    assert (data.info.labels, data.info.classes) == (("bird", "cat", "dog"), ())
    assert data.train.target_scaling is None
    held = {
        grey // 10 - 1: row for grey, row in zip(greys(data), rows(data.train.target).tolist(), strict=True)
    }
    assert [held[i] for i in range(6)] == [
        [float(name in cell.split("|")) for name in data.info.labels] for cell in cells
    ]
    (doubt, *_) = catalogue.look(source("image-table", path=str(path), validation=0)).doubts
    assert doubt.answers[doubt.taken].title == "No: each cell is one class", "as projects from before"
    assert loaded(path).info.classes == tuple(sorted(cells))
