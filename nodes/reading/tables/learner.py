"""Learns what a column of a table is from its cells, block by block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from nodes.reading.csv_columns import (
    ALWAYS_MISSING,
    FEW,
    LEVEL_BYTES,
    LONGEST_LEVEL,
    MOST_LEVELS,
    OFTEN_MISSING,
    as_float,
    level,
)
from nodes.reading.tables.bins import GrowingBins
from nodes.reading.tables.column import TableColumn, number_word, plain_numbers
from nodes.reading.tables.dates import MOST_FOREIGN, MOSTLY, DateLearner
from nodes.reading.tables.marks import MarksLearner, NumberMarks
from nodes.reading.tables.seen.counted_cells import Words, count_missing, counted, has_leading_zero, is_gap
from nodes.reading.tables.seen.seen_numbers import SeenNumbers
from nodes.reading.tables.told.far_numbers import FarLearner, numbers_among

EXAMPLES = 5
_ZEROS = r"^0\d+$"
"""Digits of which the first is a zero."""
_GROUPED = re.compile(r"\D{0,4}\d{1,3}(\.\d{3})+,\d+\D{0,4}")
"""A number whose thousands are separated by points and whose decimals follow a comma."""


@dataclass
class ColumnLearner:
    """Learns what a column is. `remembered` is about how many bytes its values take.

    `missing_words` are those that somebody said stand for no value, in small letters; None: nobody did.
    `is_text`: the file says that the column has words, whatever they look like.
    """

    missing_words: Words | None = None
    is_text: bool = False
    decimals: str = ".,"
    remembered: int = 0
    _rows: int = 0
    _missing: int = 0
    _words: dict[str, int] | None = field(default_factory=dict)
    _stand_ins: dict[str, int] = field(default_factory=dict)
    _is_number: bool = True
    _is_whole: bool = True
    _has_values: bool = False
    _zeros: int = 0
    _others: int = 0
    _next: float | None = None
    _is_count: bool = True
    _examples: list[str] = field(default_factory=list)
    _bins: GrowingBins = field(default_factory=GrowingBins)
    _far: FarLearner = field(default_factory=FarLearner)
    _dates: DateLearner | None = None
    _marks: MarksLearner | None = None
    _foreign: dict[str, int] | None = field(default_factory=dict)
    _counted: int = 0
    _written_as: str = ""
    _has_zeros: bool = False
    _is_grouped: bool = False

    def __post_init__(self) -> None:
        self._is_number = self._is_whole = not self.is_text
        self._is_count = not self.is_text
        self._missing_numbers = numbers_among(self.missing_words)

    def see(self, cells: Any) -> None:
        """Look at some cells: an array of pyarrow, of words with spaces and all or of numbers."""
        self._rows += len(cells)
        if not pa.types.is_string(cells.type):
            self._see_numbers(cells)
            return
        if len(self._examples) < EXAMPLES:
            self._add_examples(cells.slice(0, 200).to_pylist())
        values = plain_numbers(cells) if self._is_number else None
        if values is not None:
            values, cells = self._without_missing(values, cells)
            if len(values):
                self._count_numbers(SeenNumbers.of(values))
            if self._words is not None:
                self._remember(pc.value_counts(pc.utf8_trim_whitespace(cells)))
            return
        self._see_words(pc.utf8_trim_whitespace(cells))

    def see_few(self, words: Sequence[str], numbers: SeenNumbers | None) -> None:
        """Look at some cells without spaces around; `numbers`: all are plain numbers, and none is a gap."""
        self._rows += len(words)
        if len(self._examples) < EXAMPLES:
            self._add_examples(words)
        found = Counter(words)
        if numbers is None:
            self._has_zeros = self._has_zeros or any("\0" in word for word in found)
            if self._needs_words:
                self._see_counted(found.items())
            else:
                self._missing += sum(n for word, n in found.items() if is_gap(word, self.missing_words))
            return
        self._count_numbers(numbers)
        if self._words is not None:
            self._zeros += sum(word.isascii() and has_leading_zero(word) for word in found)
            self._add_words(found.items())

    @property
    def takes_numbers(self) -> bool:
        """Whether all that was seen are numbers, or nothing was."""
        return self._is_number

    def has_gaps(self, values: NDArray[np.float64]) -> bool:
        """Whether one of these numbers stands for no value, as somebody said."""
        return len(self._missing_numbers) > 0 and bool(np.isin(values, self._missing_numbers).any())

    def _without_missing(self, values: NDArray[np.float64], cells: Any) -> tuple[NDArray[np.float64], Any]:
        """Numbers and their cells but for those that somebody said stand for no value."""
        if not self.has_gaps(values):
            return values, cells
        gaps = np.isin(values, self._missing_numbers)
        self._missing += int(gaps.sum())
        self._is_count = False
        return values[~gaps], cells.filter(pa.array(~gaps))

    def _see_numbers(self, cells: Any) -> None:
        self._written_as = self._written_as or str(cells.type)
        valid = cells.drop_null()
        values = pc.cast(valid, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        finite = np.isfinite(values)
        self._missing += len(cells) - int(finite.sum())
        if not finite.all():
            valid, values, self._is_count = valid.filter(pa.array(finite)), values[finite], False
        self._is_count = self._is_count and not cells.null_count
        values, valid = self._without_missing(values, valid)
        if len(self._examples) < EXAMPLES:
            self._add_examples([number_word(one) for one in valid.slice(0, EXAMPLES).to_pylist()])
        if len(values):
            self._count_numbers(SeenNumbers.of(values))
        if self._words is not None and len(values):
            self._add_words([(number_word(one), count) for one, count in counted(valid)])

    def _count_numbers(self, seen: SeenNumbers) -> None:
        self._counted += len(seen.values)
        self._has_values = True
        self._bins.add_between(seen.values, seen.low, seen.high)
        self._far.add(seen)
        self._is_whole = self._is_whole and seen.is_whole
        if self._is_count:
            first = float(seen.values[0])
            self._is_count = seen.counts_up and self._next in (None, first)
            self._next = float(seen.values[-1]) + 1

    def _see_words(self, cells: Any) -> None:
        """Look at cells without spaces around, some of which are no plain numbers."""
        self._has_zeros = self._has_zeros or bool(pc.any(pc.match_substring(cells, "\0")).as_py())
        if not self._needs_words:
            self._missing += count_missing(cells, self.missing_words)
            return
        self._see_counted(counted(cells))

    @property
    def _needs_words(self) -> bool:
        """Whether more can be learnt from words than which of them stand for no value."""
        return self._words is not None or self._foreign is not None or self._may_be_more

    def _see_counted(self, words_counted: Iterable[tuple[str, int]]) -> None:
        """Look at different cells without spaces around, each with its count."""
        numbers: list[float] = []
        times: list[int] = []
        words: list[tuple[str, int]] = []
        for cell, count in words_counted:
            kind = self._kind(cell, count)
            if kind is None:
                self._missing += count
                continue
            if isinstance(kind, float):
                numbers.append(kind)
                times.append(count)
            elif kind == "stand-in":
                self._stand_ins[cell] = self._stand_ins.get(cell, 0) + count
                continue
            words.append((cell, count))
        if numbers:
            self._count_distinct(np.array(numbers), np.array(times))
        self._has_values = self._has_values or bool(words)
        self._add_words(iter(words))

    @property
    def _may_be_more(self) -> bool:
        """Whether it may still be dates, or numbers with marks."""
        if not self._others:
            return True
        dates = self._dates is not None and self._dates.is_possible
        return dates or (self._marks is not None and self._marks.is_possible)

    def _count_distinct(self, values: NDArray[np.float64], times: NDArray[np.int64]) -> None:
        self._is_count = False
        self._counted += int(times.sum())
        self._bins.add(np.repeat(values, times))
        self._far.add(SeenNumbers.of(np.repeat(values, times)))
        self._is_whole = self._is_whole and bool((values == np.rint(values)).all())

    def _kind(self, cell: str, count: int) -> float | str | None:
        """A number; "word"; "stand-in"; None: no value."""
        small = cell.lower() if len(cell) < 12 else ""
        if small in ALWAYS_MISSING and len(cell) < 12:
            return None
        if self.missing_words is not None:
            if cell.lower() in self.missing_words:
                return None
        elif small in OFTEN_MISSING and small:
            return "stand-in"
        value = None if self.is_text else as_float(cell)
        if value is not None and (not np.isfinite(value) or value in self._missing_numbers):
            return None
        if value is not None:
            self._zeros += has_leading_zero(cell)
            if self._others and self._may_be_more:
                self._try(cell, count)
            return value
        self._is_number = False
        self._others += 1
        self._is_grouped = self._is_grouped or ("," in cell and _GROUPED.fullmatch(cell) is not None)
        self._try(cell, count)
        self._add_foreign(cell, count)
        return "word"

    def _add_foreign(self, cell: str, count: int) -> None:
        """Remember a word among numbers, as long as there are few."""
        if self._foreign is None:
            return
        self._foreign[cell] = self._foreign.get(cell, 0) + count
        if len(self._foreign) > MOST_FOREIGN or len(cell) > LONGEST_LEVEL:
            self._foreign = None

    def _try(self, cell: str, count: int) -> None:
        """Whether it is a date, or a number with marks."""
        if self._dates is None or self._marks is None:
            decimals = "" if self.is_text else self.decimals if self._is_whole else "."
            self._dates, self._marks = DateLearner(), MarksLearner(decimals)
            for word in [*(self._words or ())][:50]:
                if word != cell:
                    self._dates.see(word, 1)
                    self._marks.see(word)
            if self._words is None or self._bins.counts() is not None:
                self._dates.give_up()  # numbers came before
        if self._dates.is_possible:
            self._dates.see(cell, count)
        if self._marks.is_possible:
            self._marks.see(cell)

    def _add_examples(self, cells: Sequence[str]) -> None:
        for cell in cells:
            bare = cell.strip()
            if bare and len(self._examples) < EXAMPLES and bare[:LONGEST_LEVEL] not in self._examples:
                self._examples.append(bare[:LONGEST_LEVEL])

    def _remember(self, counted: Any) -> None:
        zeros = pc.match_substring_regex(counted.field("values"), _ZEROS)
        self._zeros += int(pc.sum(zeros).as_py() or 0)
        if len(counted) > 2 * MOST_LEVELS:
            self.forget()
            return
        names, counts = counted.field("values").to_pylist(), counted.field("counts").to_pylist()
        self._add_words(zip(names, counts, strict=True))

    def _add_words(self, counted: Any) -> None:
        if self._words is None:
            return
        most = (2 if self._is_number else 1) * MOST_LEVELS
        for name, count in counted:
            if name in self._words:
                self._words[name] += count
            elif len(self._words) < most and len(name) <= LONGEST_LEVEL:
                self.remembered += len(name) + LEVEL_BYTES
                self._words[name] = count
            else:
                self.forget()
                return

    def forget(self) -> None:
        """Remember no values: there are too many, or they are too long."""
        self._words, self.remembered = None, 0

    @property
    def is_measured(self) -> bool:
        """Whether it has so many different numbers that they hardly stand for classes."""
        return self._is_number and self._words is not None and len(self._words) > FEW

    @property
    def is_numeric(self) -> bool:
        """Whether all that was seen are numbers."""
        return self._is_number and self._has_values

    def knows(self, cell: str) -> bool:
        """Whether a cell without spaces around is like those that were seen: a number among numbers, a word
        that is there, or nothing.
        """
        if cell.lower() in ALWAYS_MISSING or cell.lower() in OFTEN_MISSING:
            return True
        if as_float(cell) is not None:
            return self._is_number
        return cell in (self._words or ()) or self.has_number(cell)

    def has_number(self, cell: str) -> bool:
        """Whether a cell is a number by the marks with which those that were seen are written."""
        marks = self._marks.found() if self._marks and self._others else None
        return marks is not None and marks.number(cell) is not None

    def has_word(self, cell: str) -> bool:
        """Whether a word that was seen is this one."""
        return self._words is not None and cell in self._words

    def has_between(self, low: float, high: float) -> bool:
        """Whether a number that was seen lies between these."""
        return bool(self._bins.low <= high and self._bins.high >= low)

    def column(self, name: str) -> TableColumn:
        """What was learnt."""
        marks, dates, forms = self._written()
        is_mixed = not marks and not forms and self._is_mixed()
        is_number = self._is_number or marks is not None or is_mixed
        is_empty = not self._has_values and not (self.is_text and self._stand_ins)
        words = None if self._words is None or is_empty else {**self._words, **self._stand_ins}
        foreign = self._foreign_words(dates if forms else None, is_mixed)
        lost = sum(self._stand_ins.values()) if is_number or is_empty else 0
        bins = dates.bins if dates and forms else self._bins
        is_measured = not marks and (is_number or bins is not self._bins)
        has_range = self._has_values and bins.low <= bins.high and is_measured
        return TableColumn(
            name,
            is_number,
            self._is_whole and self._is_number,
            self._levels(words, is_number),
            is_empty,
            self._rows,
            self._missing + lost + sum(count for _, count in foreign),
            None if words is None else tuple(words.items()),
            tuple(sorted(self._stand_ins.items())),
            tuple(self._examples),
            bins.low if has_range else None,
            bins.high if has_range else None,
            bins.counts() if has_range else None,
            marks,
            self._marks.other() if self._marks and marks else None,
            forms,
            is_count=self._is_count and self._has_values and self._rows > 1 and self._is_number,
            mixed=is_mixed,
            mixed_words=foreign,
            leading_zeros=self._zeros,
            written_as=self._written_as,
            has_zeros=self._has_zeros,
            is_grouped=self._is_grouped,
            far=self._far.found() if self._is_number else (),
            mixed_dates=dates is not None and dates.is_mixed,
            is_partly_marked=self._marks is not None and bool(marks) and self._marks.is_partly_marked,
        )

    def _written(self) -> tuple[NumberMarks | None, DateLearner | None, tuple[str, ...]]:
        """The marks of its numbers, or the dates and their forms; none where there are none."""
        marks = self._marks.found() if self._marks and self._others else None
        dates = self._dates if self._dates and self._others and not marks else None
        return marks, dates, dates.found() if dates else ()

    def _foreign_words(self, dates: DateLearner | None, is_mixed: bool) -> tuple[tuple[str, int], ...]:
        """The few words among dates, or among numbers, with their counts."""
        held = dates.foreign if dates else self._foreign if is_mixed else None
        return tuple((held or {}).items())

    def _is_mixed(self) -> bool:
        """Whether there are many different numbers, and among them a few words that stand for no value."""
        if self.is_text or not self._foreign:
            return False
        words = sum(self._foreign.values())
        numbers = FEW + 1 if self._words is None else len(self._words) - len(self._foreign)
        return self._counted >= MOSTLY * (self._counted + words) and numbers > FEW

    def _levels(self, words: dict[str, int] | None, is_number: bool) -> tuple[str, ...]:
        """The different values in order; none where there are too many."""
        if words is None:
            return ()
        if not is_number:
            return tuple(sorted(words)) if len(words) <= MOST_LEVELS + len(OFTEN_MISSING) else ()
        found = {level(word) for word in self._words or ()} if self._is_number else set()
        return (
            tuple(sorted(found, key=lambda one: (float(one), len(one), one)))
            if len(found) <= MOST_LEVELS
            else ()
        )
