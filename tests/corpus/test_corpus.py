"""Some of each kind of the corpus are read right; `python -m tests.proofs data_corpus` asks all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.data import catalogue
from tests.corpus.asked import unchoosable, wrong
from tests.corpus.case import Case, cases, known_wrong

ALL = cases()
EVERY = 5
"""Of the cases that are not quick, one in so many is asked too."""
SOME = [case for i, case in enumerate(ALL) if case.is_quick or (i % EVERY == 0 and not case.is_slow)]
KINDS = sorted({case.kind for case in SOME})


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    catalogue.forget()


def faults(asked: list[Case], folder: Path) -> list[str]:
    """What is wrong with these cases, and which are right though they are known to be wrong."""
    found = []
    for i, case in enumerate(asked):
        place = folder / str(i)
        place.mkdir()
        fault, _ = wrong(case, case.make(place))
        if fault and not case.known_wrong:
            found.append(f"{case.title}: {fault}")
        if case.known_wrong and not fault:
            found.append(f"{case.title}: is right now; take its line out of known_wrong.txt")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_files_of_this_kind_are_read_as_a_person_means_them(kind: str, tmp_path: Path) -> None:
    assert faults([case for case in SOME if case.kind == kind], tmp_path) == []


ANSWERED = [case for i, case in enumerate(ALL) if i % 19 == 3 and not case.is_slow]
"""Cases of which every answer to every doubt is chosen; the proof chooses those of all."""


def test_every_answer_to_a_doubt_can_be_chosen(tmp_path: Path) -> None:
    found, doubts = list[str](), 0
    none = [case for case in ALL if case.title == "table formats / Parquet, the class None"]
    for i, case in enumerate([*ANSWERED, *none]):
        (tmp_path / str(i)).mkdir()
        path = case.make(tmp_path / str(i))
        _, reading = wrong(case, path)
        doubts += len(reading.look.doubts) if reading.look is not None else 0
        found += [f"{case.title}: {one}" for one in unchoosable(case, path, reading)]
    assert found == []
    assert doubts > 20


def test_the_corpus_is_wide_and_its_titles_differ() -> None:
    counted = Counter(case.title for case in ALL)
    assert [title for title, count in counted.items() if count > 1] == []
    assert len(ALL) >= 150
    assert sorted(set(known_wrong()) - set(counted)) == []
