"""Texts in every encoding and container: characters, labels, pairs, lines; and what is no text."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.corpus.case import Case, Expected, chance

PROSE = {
    "English": "It was the best of times, it was the worst of times.\nIt was the age of wisdom.\n",
    "German": "Über Größe läßt sich streiten: süß, böse, schön.\nÄrger und Öl für Überall.\n",
    "Greek": "Άνδρα μοι έννεπε, Μούσα, πολύτροπον.\nπολλών δ' ανθρώπων ίδεν άστεα.\n",
    "Japanese": "吾輩は猫である。名前はまだ無い。\nどこで生れたか頓と見当がつかぬ。\n",
    "Arabic": "كان يا ما كان في قديم الزمان.\nملك عظيم الشأن.\n",
    "emoji": "👍🏽 great 🎉 and 👨‍👩‍👧 too\nZürich 🇨🇭 \n",
}
TIMES = 12
GOOD = ("a fine film", "I loved it", "great fun, really", "what a joy", "worth every minute")
BAD = ("dull and long", "I hated it", "a waste of time", "so boring", "not worth it, at all")


def _file(data: bytes, name: str = "t.txt") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


def _alphabet(text: str) -> list[str]:
    return sorted({*text})


def _characters(text: str, **more: object) -> Expected:
    """Every character of the text is known, and none more."""
    return Expected(kind="text", classes=_alphabet(text), **more)  # type: ignore[arg-type]


def _encodings() -> list[Case]:
    found = []
    for language, prose in PROSE.items():
        text = prose * TIMES
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom", "utf-32"):
            mark = b"\xff\xfe" if "le-bom" in encoding else b"\xfe\xff" if "be-bom" in encoding else b""
            data = mark + text.encode(encoding.removesuffix("-bom"))
            quick = (language, encoding) in (("German", "utf-16"), ("Japanese", "utf-8"))
            want = _characters(text)
            found.append(
                Case("text encodings", f"{language} in {encoding}", _file(data), want, is_quick=quick)
            )
    for language, encoding in (
        ("German", "latin-1"),
        ("German", "cp1252"),
        ("Greek", "iso8859-7"),
        ("Greek", "cp1253"),
        ("Japanese", "shift-jis"),
        ("Japanese", "euc-jp"),
        ("Arabic", "cp1256"),
    ):
        data = (PROSE[language] * TIMES).encode(encoding)
        want = _characters(
            PROSE[language] * TIMES, told=["(?i)encoding"], or_told="(?i)t.txt.*(utf-8|encoding)"
        )
        if language == "German":
            want = _characters(PROSE[language] * TIMES, told=["(?i)encoding|1252|latin"])
        found.append(Case("text encodings", f"{language} in {encoding}", _file(data), want))
    return found


def _files() -> list[Case]:
    text = PROSE["English"] * TIMES
    plain = _characters(text)
    noise = chance("noise").integers(0, 256, 3000).astype("u1").tobytes()
    return [
        Case("text files", "plain", _file(text.encode()), plain, is_quick=True),
        Case("text files", "packed", _file(gzip.compress(text.encode()), "t.txt.gz"), plain),
        Case("text files", "CR LF", _file(text.replace("\n", "\r\n").encode()), plain),
        Case("text files", "CR", _file(text.replace("\n", "\r").encode()), plain),
        Case("text files", "Markdown", _file(text.encode(), "t.md"), plain),
        Case("text files", "no ending", _file(text.encode(), "corpus"), plain),
        Case("text files", "a log", _file(text.encode(), "t.log"), plain),
        Case("text files", "empty", _file(b""), Expected(refused="t.txt")),
        Case("text files", "a word", _file(b"word"), Expected(refused="t.txt")),
        Case("text files", "noise", _file(noise), Expected(refused="t.txt")),
        Case(
            "text files",
            "NULs within",
            _file(text.encode().replace(b"times", b"ti\0es")),
            Expected(kind="text", told=["(?i)NUL|zero|control|0x00"], or_told="(?i)t.txt.*(NUL|zero|0x00)"),
        ),
        Case(
            "text files",
            "one bad byte in UTF-8",
            _file((PROSE["German"] * TIMES).encode()[:-40] + b"\xff" + b"words \n" * 9),
            Expected(
                refused="t.txt, line",
            ),
        ),
    ]


def _reviews() -> tuple[list[str], list[str]]:
    texts = [f"{(GOOD, BAD)[i % 2][i % 5]} {i}" for i in range(40)]
    return texts, ["pos" if i % 2 == 0 else "neg" for i in range(40)]


def _labelled() -> list[Case]:
    """Texts with a class: a folder for each, a column, JSON lines."""
    texts, labels = _reviews()

    def folders(folder: Path, ending: str = ".txt", part: str = "") -> Path:
        for i, (text, label) in enumerate(zip(texts, labels, strict=True)):
            path = folder / "set" / part / label / f"{i}{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder / "set"

    def parts(folder: Path) -> Path:
        folders(folder, part="train")
        return folders(folder, part="test")

    def column(name: str, separator: str, names: Sequence[str] | None) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            with (folder / name).open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, delimiter=separator)
                rows = [*([names] if names else []), *zip(texts, labels, strict=True)]
                writer.writerows(rows)
            return folder / name

        return make

    lines = "\n".join(
        json.dumps({"text": t, "label": n}, ensure_ascii=False) for t, n in zip(texts, labels, strict=True)
    )
    fast = "\n".join(f"__label__{n} {t}" for t, n in zip(texts, labels, strict=True))
    balance = {"neg": 20, "pos": 20}
    want = Expected(kind="texts?", samples=40, classes=["neg", "pos"], balance=balance)
    free = Expected(
        kind="texts?",
        samples=40,
        balance=balance,
        classes=["neg", "pos"],
        or_told="(text|sentence|column 1).*(word|text)",
    )
    rule = "text labels"
    return [
        Case(rule, "a folder for each class", folders, want, is_quick=True),
        Case(
            rule,
            "train and test",
            parts,
            Expected(kind="texts?", samples=80, validation=40, classes=["neg", "pos"]),
        ),
        Case(rule, "a column of a table", column("t.csv", ",", ("text", "label")), free, is_quick=True),
        Case(rule, "a column of a table with tabs", column("t.tsv", "\t", ("sentence", "label")), free),
        Case(rule, "a column without names", column("t.csv", ",", None), free),
        Case(rule, "JSON lines", _file(lines.encode(), "t.jsonl"), free, is_quick=True),
        Case(rule, "JSON lines called .json", _file(lines.encode(), "t.json"), free),
        Case(
            rule,
            "lines with __label__",
            _file(fast.encode(), "t.txt"),
            Expected(samples=40, classes=["neg", "pos"], or_told="label"),
        ),
    ]


def _pairs() -> list[Case]:
    """Two texts that belong together, of different lengths."""
    ones = [f"I see {i} {word}" for i in range(10) for word in ("cats", "dogs", "birds", "trees")]
    twos = [
        f"Veo {i} {word}s en el parque" for i in range(10) for word in ("gato", "perro", "pájaro", "árbol")
    ]
    tabs = "".join(f"{a}\t{b}\n" for a, b in zip(ones, twos, strict=True))
    credited = "".join(f"{a}\t{b}\tCC-BY 2.0 #{i}\n" for i, (a, b) in enumerate(zip(ones, twos, strict=True)))
    short = tabs + "No partner here\n"

    def two_files(drop: Sequence[str]) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            (folder / "set").mkdir()
            (folder / "set" / "train.en").write_text("\n".join(ones) + "\n", encoding="utf-8")
            (folder / "set" / "train.es").write_text("\n".join(twos) + "\n", encoding="utf-8")
            return folder / "set"

        return make

    lines = "\n".join(json.dumps({"en": a, "es": b}) for a, b in zip(ones, twos, strict=True))
    want = Expected(kind="texts?", samples=40, or_told="(?i)pair|column")
    return [
        Case("text pairs", "lines with a tab", _file(tabs.encode(), "spa.txt"), want, is_quick=True),
        Case("text pairs", "lines with a tab and whose they are", _file(credited.encode(), "spa.txt"), want),
        Case(
            "text pairs",
            "a line without its partner",
            _file(short.encode(), "spa.txt"),
            Expected(kind="texts?", samples=40, told=["line 41"], or_told="line 41"),
        ),
        Case("text pairs", "two columns", _file(("en\tes\n" + tabs).encode(), "spa.tsv"), want),
        Case("text pairs", "JSON lines", _file(lines.encode(), "spa.jsonl"), want),
        Case("text pairs", "two files of lines", two_files(()), want),
    ]


CASES = (*_encodings(), *_files(), *_labelled(), *_pairs())
