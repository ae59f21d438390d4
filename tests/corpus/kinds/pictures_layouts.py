"""How people put pictures into folders: parts, wrappers, hidden files, lists, names that say the class."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.pictures import CLASSES, HEIGHT, WIDTH, colour

SHAPE = (3, HEIGHT, WIDTH)


def _save(path: Path, index: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(colour(index % 12)).save(path)


def tree(places: Sequence[str], each: int = 4) -> Callable[[Path], Path]:
    """Writes so many pictures into each of these folders."""

    def make(folder: Path) -> Path:
        for number, place in enumerate(places):
            for i in range(each):
                _save(folder / "set" / place / f"{i}.png", number + i)
        return folder / "set"

    return make


def and_then(make: Callable[[Path], Path], more: Callable[[Path], object]) -> Callable[[Path], Path]:
    """The same with something else beside."""

    def both(folder: Path) -> Path:
        path = make(folder)
        more(path)
        return path

    return both


def of(
    samples: int, classes: Sequence[str] = CLASSES, validation: int | None = None, **more: object
) -> Expected:
    return Expected(
        kind="images", samples=samples, shape=SHAPE, classes=classes, validation=validation, **more
    )  # type: ignore[arg-type]


def _parts() -> list[Case]:
    """Folders for training and for what is held back, as sets are unpacked."""
    found = []
    names = (
        ("train", "val"),
        ("train", "valid"),
        ("train", "validation"),
        ("train", "test"),
        ("Training", "Testing"),
        ("TRAIN", "TEST"),
        ("training_set", "test_set"),
        ("seg_train", "seg_test"),
        ("Train", "Val"),
    )
    for train, held in names:
        places = [f"{part}/{name}" for part in (train, held) for name in CLASSES]
        quick = train == "Training"
        found.append(
            Case("picture parts", f"{train} and {held}", tree(places), of(16, validation=8), is_quick=quick)
        )
    three = [f"{part}/{name}" for part in ("train", "val", "test") for name in CLASSES]
    found += [
        Case("picture parts", "train, val and test", tree(three), of(16, validation=8, told=["test"])),
        Case("picture parts", "train alone", tree([f"train/{name}" for name in CLASSES]), of(8)),
        Case(
            "picture parts",
            "inside a folder as a zip has it",
            tree([f"set-main/{name}" for name in CLASSES]),
            of(8),
        ),
        Case(
            "picture parts",
            "train and test inside a folder",
            tree([f"data/{part}/{name}" for part in ("train", "test") for name in CLASSES]),
            of(16, validation=8),
        ),
        Case(
            "picture parts",
            "train, and a test without classes",
            tree(["train/cat", "train/dog", "test"]),
            of(8, told=["test"]),
            is_quick=True,
        ),
        Case(
            "picture parts",
            "a class that is held back alone",
            tree(["train/cat", "train/dog", "val/cat", "val/dog", "val/emu"]),
            Expected(kind="images", told=["emu"], or_told="emu"),
        ),
        Case(
            "picture parts",
            "a class that trains alone",
            tree(["train/cat", "train/dog", "train/emu", "val/cat", "val/dog"]),
            of(20, (*CLASSES, "emu"), validation=8),
        ),
        Case(
            "picture parts",
            "classes above parts",
            tree([f"{name}/{part}" for name in CLASSES for part in ("train", "val")]),
            of(16, told=["(?i)train"], or_told="train"),
        ),
    ]
    return found


def _nested() -> list[Case]:
    def bare(folder: Path) -> Path:
        for i in range(8):
            _save(folder / "set" / f"{i}.png", i)
        return folder / "set"

    deep = tree(["cat/a", "cat/b", "dog/a", "dog/b"])
    return [
        Case("picture folders", "a folder for each class", tree(CLASSES), of(8), is_quick=True),
        Case("picture folders", "folders within classes", deep, of(16)),
        Case(
            "picture folders",
            "classes of words in other letters",
            tree(["кошка", "собака"]),
            of(8, ("кошка", "собака")),
        ),
        Case(
            "picture folders",
            "classes with spaces",
            tree(["big cat", "small dog"]),
            of(8, ("big cat", "small dog")),
        ),
        Case(
            "picture folders", "numbers as classes", tree(["10", "2", "1"]), Expected(samples=12, told=["10"])
        ),
        Case(
            "picture folders",
            "one class",
            tree(["cat"]),
            Expected(samples=4, told=["(?i)one class|1 class|no class"], or_told="(?i)class"),
        ),
        Case("picture folders", "no class", bare, Expected(samples=8, shape=SHAPE, classes=())),
        Case(
            "picture folders",
            "an empty class",
            and_then(tree(CLASSES), lambda path: (path / "emu").mkdir()),
            of(8, told=["emu"]),
        ),
        Case(
            "picture folders",
            "a class of texts",
            and_then(tree(CLASSES), _text_class),
            of(8, told=["emu|notes"]),
        ),
        Case(
            "picture folders",
            "pictures beside the classes",
            and_then(tree(CLASSES), lambda path: _save(path / "loose.png", 1)),
            of(8, told=["loose"]),
        ),
        Case(
            "picture folders",
            "an empty folder",
            and_then(lambda folder: folder / "set", lambda path: path.mkdir()),
            Expected(refused="set"),
        ),
        Case(
            "picture folders",
            "a folder of texts",
            and_then(lambda folder: folder / "set", _texts),
            Expected(
                refused="set",
            ),
        ),
    ]


def _text_class(path: Path) -> None:
    (path / "emu").mkdir()
    (path / "emu" / "notes.doc").write_text("words")


def _texts(path: Path) -> None:
    path.mkdir()
    for i in range(4):
        (path / f"{i}.docx").write_text("words")


def _hidden() -> list[Case]:
    """What programs leave among pictures: never a sample, at any depth."""
    found = []
    for name in (
        ".ipynb_checkpoints",
        "@eaDir",
        "__MACOSX",
        ".git",
        ".thumbnails",
        "#recycle",
        "$RECYCLE.BIN",
    ):
        for place in (name, f"cat/{name}", f"train/cat/{name}"):
            classes = [f"train/{one}" for one in CLASSES] if place.startswith("train") else list(CLASSES)

            def more(path: Path, place: str = place) -> None:
                for i in range(3):
                    _save(path / place / f"{i}.png", i)

            title = f"{name} at {place.count('/')}"
            quick = title == "@eaDir at 1"
            found.append(
                Case("picture leftovers", title, and_then(tree(classes), more), of(8), is_quick=quick)
            )
    for file in ("Thumbs.db", ".DS_Store", "desktop.ini", "._0.png", "README.md", "labels.json"):

        def beside(path: Path, file: str = file) -> None:
            (path / "cat" / file).write_bytes(b"\0\5\x16\7 not a picture")
            (path / file).write_bytes(b"\0\5\x16\7 not a picture")

        found.append(
            Case("picture leftovers", f"{file} among pictures", and_then(tree(CLASSES), beside), of(8))
        )
    under = of(12, ("__background__", "cat", "dog"), or_told="__background__")
    found.append(
        Case("picture leftovers", "a class that begins with _", tree(["__background__", *CLASSES]), under)
    )
    return found


def _list(
    path: Path, rows: Sequence[Sequence[object]], name: str = "labels.csv", separator: str = ","
) -> Path:
    with (path / name).open("w", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path / name


def _listed() -> list[Case]:
    """A table that says which picture is what."""

    def made(
        rows: Sequence[Sequence[object]], at: str = "images", drop: str = "list", **table: str
    ) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            path = folder / "set"
            for i in range(12):
                _save(path / at / f"{i}.png", i)
            name = _list(path, rows, **table)
            return name if drop == "list" else path

        return make

    labels = [CLASSES[i % 2] for i in range(12)]
    relative = [["file", "label"], *([f"images/{i}.png", labels[i]] for i in range(12))]
    names = [["image_id", "breed"], *([f"{i}.png", labels[i]] for i in range(12))]
    stems = [["id", "breed"], *([i, labels[i]] for i in range(12))]
    bare = [[f"images/{i}.png", labels[i]] for i in range(12)]
    spread = [["x:image", "y:label"], *([f"./images/{i}.png", i % 2] for i in range(12))]
    windows = [["file", "label"], *([f"images\\{i}.png", labels[i]] for i in range(12))]
    lacking = [*relative, ["images/77.png", "cat"]]
    numbers = [["file", "age"], *([f"images/{i}.png", 1.5 * i] for i in range(12))]
    parts = [
        ["file", "label", "split"],
        *([f"images/{i}.png", labels[i], "train" if i < 8 else "test"] for i in range(12)),
    ]
    several = [
        ["file", "cat", "dog"],
        *([f"images/{i}.png", int(i % 2 == 0), int(i % 3 == 0)] for i in range(12)),
    ]
    tags = (["cat"], ["cat", "dog"], ["dog"], ["dog", "bird"], ["bird"])
    breeds = ("terrier, short", "terrier, long", "poodle")
    outside = [*relative, ["../../../etc/passwd", "cat"]]
    right = of(12)
    rule = "picture lists"
    return [
        Case(rule, "paths and labels", made(relative), right, is_quick=True),
        Case(rule, "the folder with the list", made(relative, drop="folder"), right),
        Case(rule, "names in a folder beside", made(names), right),
        Case(
            rule,
            "names without endings",
            made(stems, drop="folder"),
            Expected(kind="images", samples=12, classes=CLASSES, or_told="labels.csv"),
        ),
        Case(rule, "without names of columns", made(bare), right),
        Case(rule, "names of columns with colons", made(spread), of(12, ("0", "1"))),
        Case(rule, "backslashes", made(windows), right),
        Case(rule, "semicolons", made(relative, separator=";"), right),
        Case(rule, "a picture that is not there", made(lacking), of(12, told=["77.png"])),
        Case(
            rule,
            "a number for each picture",
            made(numbers),
            Expected(
                kind="images", samples=12, shape=SHAPE, target=(1,), targets=[1.5 * i for i in range(12)]
            ),
        ),
        Case(rule, "a column of parts", made(parts), of(12, validation=4, or_told="split")),
        Case(
            rule,
            "several labels",
            made(several),
            Expected(kind="images", samples=12, target=(2,), or_told="cat|dog"),
        ),
        Case(
            rule,
            "several labels in one cell",
            made([["file", "tags"], *([f"images/{i}.png", ";".join(tags[i % 5])] for i in range(12))]),
            Expected(
                kind="images",
                samples=12,
                shape=SHAPE,
                classes=(),
                target=(3,),
                targets=[[int(name in tags[i % 5]) for name in ("bird", "cat", "dog")] for i in range(12)],
                told=[r"(?i)several labels in one cell of tags.*taken: Yes: each label by itself \(3 labels"],
            ),
            is_quick=True,
        ),
        Case(
            rule,
            "a comma in names of classes",
            made([["file", "breed"], *([f"images/{i}.png", breeds[i % 3]] for i in range(12))]),
            of(12, sorted(breeds), told=[r"(?i)several labels in one cell of breed.*taken: No"]),
            is_quick=True,
        ),
        Case(rule, "a path out of the folder", made(outside), of(12, told=["passwd|line 14"]), is_quick=True),
    ]


def _patterns() -> list[Case]:
    """The class is in the name of the file."""

    def named(form: str) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            for i in range(12):
                _save(folder / "set" / form.format(name=CLASSES[i % 2], i=i), i)
            return folder / "set"

        return make

    forms = ("{name}_{i:03}.png", "{name}.{i}.png", "{name}-{i}.png", "{i:04}_{name}.png", "{name}{i}.png")
    return [
        Case(
            "picture names",
            form,
            named(form),
            of(12, (), told=["cat"], or_told="cat"),
            is_quick=form == forms[0],
        )
        for form in forms
    ]


CASES = (*_parts(), *_nested(), *_hidden(), *_listed(), *_patterns())
