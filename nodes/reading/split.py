"""How samples are held back to validate, by the same rules for every set.

`divide` is the one way in which samples are divided. All that is drawn comes from one permutation of NumPy's
default generator, so that a seed gives the same parts on every machine. Knows arrays and counts; what they
mean is the loaders' business.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, DataInfo
from nodes.reading.error import DataError
from nodes.reading.scaling import scaling as scaling
from nodes.shown_text import listed, shown

Indices = NDArray[np.int64]
TRAIN, VALIDATION, TEST = 0, 1, 2
"""What a sample is for, as in `SplitMarks.parts`."""
PART_WORDS = {
    **dict.fromkeys(("train", "training", "trn", "tr", "fit", "learn"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "eval", "holdout"), VALIDATION),
    **dict.fromkeys(("test", "testing", "tst"), TEST),
}
"""Words of a column, or names of folders and files, that say what a sample is for; in small letters."""
_AT_RANDOM = "drawn at random by the seed of the project"
_NEEDED = {
    "stratified": "classes to predict",
    "group": "a column of groups (group_column)",
    "time": "a column of times or numbers to go by (order_column)",
    "column": "a column of the words train, val and test (split_column)",
}


@dataclass(frozen=True)
class SplitChoice:
    """How samples are to be divided.

    `kind` is a value of the parameter `split`, `share` validates, at most `limit` samples are used (0: all).
    """

    kind: str = "auto"
    share: float = 0.2
    seed: int = 0
    limit: int = 0


@dataclass(frozen=True, eq=False)
class SplitMarks:
    """What is known of each sample by which it can be divided: arrays of one value a sample, None where there
    is none. `parts` has what the files say: `TRAIN`, `VALIDATION` or `TEST`. Names are those of columns.
    """

    classes: Array | None = None
    class_names: tuple[str, ...] = ()
    groups: Array | None = None
    group_name: str = "group"
    order: Array | None = None
    order_name: str = "time"
    words: Array | None = None
    words_name: str = "split"
    parts: Array | None = None


@dataclass(frozen=True, eq=False)
class DividedSamples:
    """Which of the stored samples train and which validate: places over the whole set, each part sorted.

    `test` are set aside and used for neither. `division` is that of `DataInfo`, `sentence` says the same to
    people, and `notes` are sentences on what could not be as it was asked for.
    """

    train: Indices
    validation: Indices
    test: Indices
    division: str
    sentence: str
    notes: tuple[str, ...] = ()

    def among(self, kept: Indices) -> DividedSamples:
        """The same parts of a set that has the samples at these places alone, ascending, as its rows."""

        def rows(part: Indices) -> Indices:
            at = np.minimum(np.searchsorted(kept, part), max(len(kept) - 1, 0))
            return at[kept[at] == part] if len(kept) else at[:0]

        parts = (rows(self.train), rows(self.validation))
        return replace(self, train=parts[0], validation=parts[1], test=rows(self.test))


def divide(count: int, choice: SplitChoice, marks: SplitMarks, where: str) -> DividedSamples:
    """Divide so many samples; "auto" goes by what is marked: parts in words or by files, groups, order, else
    at random. Raises `DataError`, which begins with `where`, for a kind whose marks are missing.
    """
    kind = choice.kind
    if kind == "auto":
        by = {"column": marks.words, "fixed": marks.parts, "group": marks.groups, "time": marks.order}
        kind = next((name for name, mark in by.items() if mark is not None), "random")
    needed = {"stratified": marks.classes, "group": marks.groups, "time": marks.order, "column": marks.words}
    if kind in needed and needed[kind] is None:
        raise DataError(f"{where}: split: Expected {_NEEDED[kind]} for {kind!r}. Received none.")
    if kind == "column":
        assert marks.words is not None
        return _by_parts(_parts_of(marks.words, marks.words_name, where), choice, where, marks.words_name)
    if kind == "fixed":
        assert marks.parts is not None
        return _by_parts(np.asarray(marks.parts), choice, where)
    if kind == "group":
        return _by_group(choice, marks)
    if kind == "time":
        return _by_order(choice, marks, where)
    if kind == "stratified":
        return _by_class(choice, marks)
    return _divided("shuffled", shuffled(count, choice.share, choice.seed, choice.limit), _AT_RANDOM)


def _divided(
    division: str, parts: tuple[Indices, Indices], sentence: str, *notes: str, test: Indices | None = None
) -> DividedSamples:
    train, held = (np.sort(part).astype(np.int64) for part in parts)
    aside = np.zeros(0, np.int64) if test is None else test
    return DividedSamples(train, held, aside, division, sentence, tuple(filter(None, notes)))


def shuffled(count: int, share: float, seed: int, limit: int = 0) -> tuple[Indices, Indices]:
    """Indices of the training and the validation part, drawn by the seed; at most `limit` in all (0: all).

    Both parts are sorted, so that reading them runs forward through a file; batches are shuffled later.
    """
    order = np.random.default_rng(seed).permutation(count)[: limit or None]
    held = held_back(len(order), share)
    return np.sort(order[held:]), np.sort(order[:held])


def held_back(count: int, share: float) -> int:
    """How many of so many samples validate: at least one where a share is asked for; at least one trains."""
    held = round(count * share)
    return min(max(held, 1), count - 1) if share > 0 and count > 1 else 0


def training_count(info: DataInfo, share: float) -> int | None:
    """How many samples of a described set train, where `share` validates; None where only the files say."""
    if info.division in ("none", "all"):
        return info.samples
    if info.division in ("shuffled", "stratified", "end"):
        return info.samples - held_back(info.samples, share)
    return None


def first(train: int, validation: int, limit: int) -> tuple[int, int]:
    """How many of each part of a fixed split to use, so that both are cut to the same share."""
    if not limit or limit >= train + validation:
        return train, validation
    kept = max(1, round(limit * validation / (train + validation)))
    return max(1, limit - kept), kept


# By class -----------------------------------------------------------------------------------------------


def _by_class(choice: SplitChoice, marks: SplitMarks) -> DividedSamples:
    """Of each class its share: as many as at random in all, the rests to the classes that lack most."""
    labels, codes = np.unique(np.asarray(marks.classes), return_inverse=True)
    drawn = np.random.default_rng(choice.seed).permutation(len(codes))
    # the places of each class, in the order in which they were drawn
    members = [drawn[codes[drawn] == code] for code in range(len(labels))]
    sizes = np.array([len(own) for own in members])
    kept = shared_out(sizes, min(choice.limit or len(codes), len(codes)))
    held = np.minimum(shared_out(kept, held_back(int(kept.sum()), choice.share)), np.maximum(kept - 1, 0))
    train = [own[few:many] for own, few, many in zip(members, held, kept, strict=True)]
    validation = [own[:few] for own, few in zip(members, held, strict=True)]
    names = [
        shown(str(marks.class_names[int(label)] if marks.class_names else label))
        for label, few, many in zip(labels, held, kept, strict=True)
        if many and not few
    ]
    lacking = ""
    if names and choice.share > 0:
        lacking = f"Too few samples to validate of {_classes(len(names))}: {listed(names)}"
    parts = np.concatenate(train), np.concatenate(validation)
    return _divided("stratified", parts, f"{_AT_RANDOM}, of each class its share", lacking)


def shared_out(sizes: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """`total` shared out in proportion to these sizes: whole numbers, the rests to the largest fractions."""
    if not sizes.sum():
        return np.zeros(len(sizes), np.int64)
    exact = sizes * total  # over the sum of the sizes: whole numbers, so that no machine rounds otherwise
    found, rest = exact // sizes.sum(), exact % sizes.sum()
    most = np.argsort(-rest, kind="stable")[: total - int(found.sum())]
    found[most] += 1
    return np.asarray(found, np.int64)


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"


# By group -----------------------------------------------------------------------------------------------


def _by_group(choice: SplitChoice, marks: SplitMarks) -> DividedSamples:
    """Whole groups validate, so many that their samples come nearest to the share; a group is never parted.

    Samples without a group (empty, or NaN) are taken together as one.
    """
    groups, codes = np.unique(np.asarray(marks.groups), return_inverse=True)
    name = shown(marks.group_name)
    drawn = np.random.default_rng(choice.seed).permutation(len(groups))
    rank = np.empty(len(groups), np.int64)
    rank[drawn] = np.arange(len(groups))
    rows = np.argsort(rank[codes], kind="stable")[: choice.limit or None]
    sizes = np.bincount(rank[codes[rows]], minlength=len(groups))
    held = _groups_held(sizes, held_back(len(rows), choice.share))
    is_held = held[rank[codes[rows]]]
    lacking = int(_is_missing(groups)[codes[rows]].sum())
    return _divided(
        "group",
        (rows[~is_held], rows[is_held]),
        f"whole groups of the same {name}, {_AT_RANDOM}",
        f"{_samples(lacking)} without a {name} {'is' if lacking == 1 else 'are'} taken as one group."
        if lacking
        else "",
        f"Every sample has the same {name}, so that nothing can be held back to validate."
        if choice.share > 0 and (sizes > 0).sum() < 2
        else "",
    )


def _groups_held(sizes: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Which groups validate, the first first: each that brings the sum nearer to `wanted`; one trains."""
    held, total = np.zeros(len(sizes), bool), 0
    present = np.flatnonzero(sizes)
    if not wanted or len(present) < 2:
        return held
    for place in present:
        size = int(sizes[place])
        if abs(total + size - wanted) < abs(total - wanted) and held.sum() < len(present) - 1:
            held[place], total = True, total + size
    if not total:  # every group has more than twice as many as are wanted
        held[present[sizes[present].argmin()]] = True
    return held


def _is_missing(values: Array) -> NDArray[np.bool_]:
    if values.dtype.kind in "fcmM":
        return np.isnat(values) if values.dtype.kind in "mM" else np.isnan(values)
    if values.dtype.kind in "US":
        return np.asarray(values == values.dtype.type(), bool)
    return np.zeros(len(values), bool)


def _samples(count: int) -> str:
    return "1 sample" if count == 1 else f"{count:,} samples"


# By order -----------------------------------------------------------------------------------------------


def _by_order(choice: SplitChoice, marks: SplitMarks, where: str) -> DividedSamples:
    """The last share validates. Samples of one time stay together: the border goes to the nearest change."""
    order, name = np.asarray(marks.order), shown(marks.order_name)
    if order.dtype.kind not in "biufmM":
        raise DataError(
            f"{where}: Expected numbers, dates or times as {marks.order_name!r}, which divides the samples. "
            f"Received words, as {str(order[0])!r}."
        )
    missing = _is_missing(order)
    if missing.any():
        raise DataError(
            f"{where}: Expected a {marks.order_name} for each sample, to divide them by it. Received none "
            f"for sample {int(missing.argmax()) + 1:,}; leave it out, or choose another split."
        )
    rows = np.argsort(order, kind="stable")[: choice.limit or None]
    border = len(rows) - held_back(len(rows), choice.share)
    if border < len(rows):
        changes = np.flatnonzero(order[rows[1:]] != order[rows[:-1]]) + 1
        border = int(changes[np.abs(changes - border).argmin()]) if len(changes) else len(rows)
    same = choice.share > 0 and border == len(rows) and len(rows) > 1
    return _divided(
        "time",
        (rows[:border], rows[border:]),
        f"the last by {name}",
        f"Every sample has the same {name}, so that nothing can be held back to validate." if same else "",
    )


# As given -----------------------------------------------------------------------------------------------


def part_of(word: str) -> int | None:
    """What a word of a column, or the name of a folder or file, says that samples are for; None: nothing."""
    return PART_WORDS.get(word.strip().casefold())


def _parts_of(words: Array, name: str, where: str) -> Array:
    """What each sample is for by its word. Raises `DataError` for a word that says nothing."""
    different, codes = np.unique(np.asarray(words).astype(str), return_inverse=True)
    meant = [part_of(str(word)) for word in different]
    for place, found in enumerate(meant):
        if found is None:
            row = int((codes == place).argmax())
            raise DataError(
                f"{where}: Expected train, val or test in column {name!r}, which divides the samples. "
                f"Received {str(different[place])!r} for sample {row + 1:,}."
            )
    return np.array(meant, np.int64)[codes]


def _by_parts(parts: Array, choice: SplitChoice, where: str, column: str = "") -> DividedSamples:
    """As files or words say; samples to test validate where none is marked to validate.

    Raises `DataError` where none is to train.
    """
    train, held, test = (np.flatnonzero(parts == part) for part in (TRAIN, VALIDATION, TEST))
    if not len(train):
        raise DataError(f"{where}: Expected samples to train on. Received only some to validate or test.")
    says = f"as column {shown(column)!r} says" if column else "as the files divide them"
    if not len(held):
        held, test = test, held
        says += "; those to test validate, as there are no others to validate" if len(held) else ""
    kept = first(len(train), len(held), choice.limit)
    rng = np.random.default_rng(choice.seed)
    held = rng.permutation(held)[: kept[1]]
    train = rng.permutation(train)[: kept[0]]
    aside = (
        f"{_samples(len(test))} to test {'is' if len(test) == 1 else 'are'} set aside: used neither to train "
        "nor to validate."
        if len(test)
        else ""
    )
    return _divided("column" if column else "fixed", (train, held), says, aside, test=test)


def require_samples(count: int, where: str, what: str) -> None:
    """Raise `DataError` where there is nothing to train on."""
    if count < 2:
        raise DataError(f"{where}: Expected at least 2 {what}. Received {count}.")
