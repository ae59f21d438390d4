"""Texts as public sets keep them: labels in lines, folders without endings, translations in two files."""

from __future__ import annotations

import json

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.public.writing import coded, tree
from tests.corpus.kinds.texts import BAD, GOOD

both = [(GOOD[i % 5], "pos") if i % 2 else (BAD[i % 5], "neg") for i in range(40)]
_WORDS = {"pos": GOOD, "neg": BAD}
IMDB: dict[str, str | bytes] = {
    f"aclImdb/{part}/{name}/{i}_{len(name)}.txt": f"{words[i]}<br />{part}"
    for part in ("train", "test")
    for name, words in _WORDS.items()
    for i in range(5)
}
IMDB |= {
    "aclImdb/train/urls_pos.txt": "http://x\n" * 5,
    "aclImdb/train/unsup/0_0.txt": "nothing said",
    "aclImdb/README": "readme",
    "aclImdb/imdb.vocab": "a\nb\n",
    "aclImdb/train/labeledBow.feat": "7 0:9 1:1\n",
}


CASES = (
    Case(
        "public texts",
        "label tab text",
        coded("".join((f"{mark}\t{t}\n" for t, mark in both))),
        Expected(samples=40, classes=["neg", "pos"], or_told="(?i)pair|label"),
    ),
    Case(
        "public texts",
        "SMS spam",
        coded(
            "".join((f"{('ham' if i % 5 else 'spam')}\t{t}, ok? £{i}\n" for i, (t, _) in enumerate(both))),
            "SMSSpamCollection",
        ),
        Expected(samples=40, classes=["ham", "spam"], or_told="(?i)pair|label"),
    ),
    Case(
        "public texts",
        "text tab 0/1 (sentiment labelled sentences)",
        coded("".join((f"{t}.\t{int(mark == 'pos')}\n" for t, mark in both)), "amazon_cells_labelled.txt"),
        Expected(samples=40, classes=["0", "1"]),
    ),
    Case(
        "public texts",
        "text ;emotion",
        coded("".join((f"{t};{['joy', 'anger'][i % 2]}\n" for i, (t, _) in enumerate(both))), "train.txt"),
        Expected(samples=40, classes=["anger", "joy"], or_told="(?i)label|class|;"),
    ),
    Case(
        "public texts",
        "fastText several labels",
        coded("".join((f"__label__{mark} __label__x {t}\n" for t, mark in both))),
        Expected(told=["(?i)label"], or_told="label"),
    ),
    Case(
        "public texts",
        "AG news csv no header class first",
        coded(
            "".join(
                (
                    f'"{i % 4 + 1}","{t}, title","{t} and more words here, a long line"\n'
                    for i, (t, _) in enumerate(both)
                )
            ),
            "train.csv",
        ),
        Expected(samples=40, classes=["1", "2", "3", "4"], or_told="(?i)column"),
    ),
    Case(
        "public texts",
        "sentiment140",
        coded(
            "".join(
                (
                    f'"{4 * (i % 2)}","14678{i:05}","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","user{i}",'
                    f'"@x {t} awww"\n'
                    for i, (t, _) in enumerate(both)
                )
            ),
            "s140.csv",
            "latin-1",
        ),
        Expected(samples=40, or_told="(?i)column"),
    ),
    Case(
        "public texts",
        "spam.csv v1,v2 with empty columns latin-1",
        coded(
            "v1,v2,,,\n"
            + "".join(
                (f"""{("ham" if i % 4 else "spam")},"{t} £{i}",,,\n""" for i, (t, _) in enumerate(both))
            ),
            "spam.csv",
            "latin-1",
        ),
        Expected(samples=40, classes=["ham", "spam"], told=["v2"], or_told="v2"),
    ),
    Case(
        "public texts",
        "aclImdb with unsup",
        tree(IMDB),
        Expected(kind="texts?", classes=["neg", "pos"], samples=20, validation=10, told=["unsup"]),
    ),
    Case(
        "public texts",
        "20 newsgroups: no endings, latin-1",
        tree(
            {
                f"{c}/{10000 + i}": f"From: é{i}\n\n{GOOD[i]}".encode("latin-1")
                for c in ("sci.space", "rec.autos")
                for i in range(5)
            }
        ),
        Expected(kind="texts?", samples=10, classes=["rec.autos", "sci.space"]),
    ),
    Case(
        "public texts",
        "anki three columns",
        coded(
            "".join(
                (
                    f"{a}.\t{b}.\tCC-BY 2.0 (France) Attribution: tatoeba.org #{i} (CK) & #{i} (A)\n"
                    for i, (a, b) in enumerate(both)
                )
            ),
            "fra.txt",
        ),
        Expected(kind="texts?", samples=40, or_told="pair"),
    ),
    Case(
        "public texts",
        "anki reversed header csv",
        coded(
            "english,french\n" + "".join((f'"{a}, so",le {b} {i}\n' for i, (a, b) in enumerate(both))),
            "eng-fra.csv",
        ),
        Expected(samples=40, or_told="(?i)pair|french"),
    ),
    Case(
        "public texts",
        "two files of 20 and 19 lines",
        tree({"train.de": "ein haus\n" * 20, "train.en": "a house\n" * 19}),
        Expected(refused="20.*19|19.*20"),
    ),
    Case(
        "public texts",
        "two files, an empty line in one",
        tree(
            {
                "train.de": "".join(f"ein haus {i}\n" if i != 5 else "\n" for i in range(20)),
                "train.en": "".join(f"a house {i}\n" for i in range(20)),
            }
        ),
        Expected(samples=19, told=["line 6|empty|6"]),
    ),
    Case(
        "public texts",
        "train, val and test in two languages",
        tree(
            {
                f"{p}.{mark}": "".join(f"{p} {mark} {i}\n" for i in range(20))
                for p in ("train", "val", "test")
                for mark in ("de", "en")
            }
        ),
        Expected(kind="texts?", samples=20),
    ),
    Case(
        "public texts",
        "srt",
        coded(
            "".join(
                f"{i}\n00:00:{i % 60:02},000 --> 00:00:{i % 60:02},900\nLine number {i}\n\n"
                for i in range(1, 40)
            ),
            "film.srt",
        ),
        Expected(kind="text", or_told="srt|recogn"),
    ),
    Case(
        "public texts",
        "json list of chats",
        coded(
            json.dumps(
                [
                    {"instruction": f"do {i}", "input": "", "output": f"done {t}"}
                    for i, (t, _) in enumerate(both)
                ]
            ),
            "alpaca.json",
        ),
        Expected(samples=40, or_told="(?i)pair|instruction|output"),
    ),
    Case(
        "public texts",
        "jsonl with label int",
        coded(
            "".join((json.dumps({"text": t, "label": int(mark == "pos")}) + "\n" for t, mark in both)),
            "train.jsonl",
        ),
        Expected(samples=40, classes=["0", "1"]),
    ),
    Case(
        "public texts",
        "jsonl label list multilabel",
        coded(
            "".join((json.dumps({"text": t, "labels": [mark, "x"]}) + "\n" for t, mark in both)),
            "train.jsonl",
        ),
        Expected(told=["(?i)labels"], or_told="labels"),
    ),
    Case(
        "public texts",
        "html entities & smart quotes cp1252 csv",
        coded(
            "text,label\n" + "".join((f'"“{t}” – it’s &amp; ok",{mark}\n' for t, mark in both)),
            "r.csv",
            "cp1252",
        ),
        Expected(samples=40, classes=["neg", "pos"]),
    ),
    Case(
        "public texts",
        "mac roman",
        coded("Café déjà vu, élève à Paris. Où est l'été?\n" * 30, "t.txt", "mac-roman"),
        Expected(told=["(?i)encoding|mac"], or_told="(?i)encod"),
    ),
    Case(
        "public texts",
        "gb18030",
        coded("我们今天去公园散步,天气非常好。\n" * 30, "t.txt", "gb18030"),
        Expected(
            classes=sorted(set("我们今天去公园散步,天气非常好。\n")),
            or_told="(?i)characters written as bytes",
        ),
    ),
    Case(
        "public texts",
        "utf-16le no bom",
        coded("It was the best of times\n" * 30, "t.txt", "utf-16-le"),
        Expected(classes=sorted(set("It was the best of times\n")), or_told="(?i)encod|zero"),
    ),
    Case(
        "public texts",
        "cp437/850",
        coded("Größe läßt Ärger über\n" * 30, "t.txt", "cp850"),
        Expected(told=["(?i)encod"], or_told="(?i)encod"),
    ),
    Case(
        "public texts",
        "a folder around Training and Testing",
        tree(
            {
                f"set/{p}/{c}/{i}.txt": f"{c} {p} {i} here"
                for p in ("Training", "Testing")
                for c in ("a", "b")
                for i in range(4)
            }
        ),
        Expected(kind="texts?", classes=["a", "b"], samples=16, validation=8),
    ),
    Case(
        "public texts",
        "thumbnails of a server among texts",
        tree(
            {
                **{f"{c}/{i}.txt": f"{c} number {i} here" for c in ("a", "b") for i in range(4)},
                "@eaDir/0.txt": "x",
                "a/@eaDir/0.txt": "x",
                "#recycle/1.txt": "x",
            }
        ),
        Expected(kind="texts?", classes=["a", "b"], samples=8),
    ),
)
