"""What is told of sounds: their kinds, rates and lengths, pictures of a few, and what is in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nodes.reading.dataset import DataSet
from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact, ValueCounts
from nodes.reading.preview import SetPreview
from nodes.reading.sound.sound_pictures import pictures_of
from nodes.reading.sound.sound_rows import SoundListing, SoundShape
from nodes.shown_text import listed, shown

SHOWN, BINS = 24, 20


def preview_of(data: DataSet) -> SetPreview:
    """A few sounds of the training part as pictures."""
    chosen = np.linspace(0, len(data.train) - 1, min(SHOWN, len(data.train))).astype(np.int64)
    rows = data.train.input.fetch(chosen)
    labels: tuple[str, ...] = ()
    if data.train.target is not None:
        labels = tuple(data.info.classes[int(label)] for label in data.train.target.fetch(chosen))
    return SetPreview(data.info, images=pictures_of(rows), labels=labels)


def odd_sounds(data: DataSet, found: SoundListing) -> list[str]:
    """Whether sounds cannot be told apart: they are all the same, or in one folder without classes."""
    told = []
    rows = data.train.input.fetch(np.arange(min(SHOWN, len(data.train))))
    if len(rows) > 1 and (rows == rows[:1]).all():
        told.append(f"All of the {len(rows):,} sounds that were looked at are the same, as silence is.")
    if not found.files.classes:
        told.append("No classes are read: they are the names of folders, and all sounds lie in one.")
    return told


def look_at_sounds(
    base: DataLook, found: SoundListing, shape: SoundShape, values: Mapping[str, Any]
) -> DataLook:
    """The look at a set, with what is known of its sounds."""
    seconds = np.array([head.seconds for head in found.heads])
    kinds = Counter(head.kind for head in found.heads)
    rates, usual = found.rates, "the rate of most files"
    facts = (
        Fact("Files", f"{len(found.heads):,}", "told by their first bytes"),
        Fact("Written as", listed(f"{kind} ({count:,})" for kind, count in kinds.most_common())),
        Fact("Rates", listed(f"{rate:,} Hz ({count:,})" for rate, count in rates.most_common())),
        Fact("Rate taken", f"{shape.rate:,} Hz", "it is chosen" if values["sample_rate"] else usual),
        Fact("Lengths", f"{seconds.min():.3g} to {seconds.max():.3g} s"),
    )
    counts, edges = np.histogram(seconds, bins=min(BINS, max(1, len(seconds))))
    part = DataPart(
        "sound",
        "sound",
        "input",
        roles=("input",),
        examples=tuple(shown(found.files.paths[i].rpartition("/")[2]) for i in found.kept[:3]),
        low=float(seconds.min()),
        high=float(seconds.max()),
        histogram=ValueCounts(tuple(map(float, edges)), tuple(map(int, counts))),
    )
    doubts = _doubts(found, shape, seconds, values)
    return replace(base, facts=(*facts, *base.facts), parts=(part,), doubts=(*base.doubts, *doubts))


def _doubts(
    found: SoundListing, shape: SoundShape, seconds: np.ndarray, values: Mapping[str, Any]
) -> list[Doubt]:
    doubts = []
    if len(found.rates) > 1:
        others = sum(count for rate, count in found.rates.items() if rate != shape.rate)
        answers = (
            Answer(f"Bring them to {shape.rate:,} Hz", {"other_rates": "resample"}),
            Answer("Leave them out", {"other_rates": "leave out"}),
        )
        why = f"{others:,} of {len(found.heads):,} have another rate than {shape.rate:,} Hz"
        doubts.append(Doubt("What becomes of sounds of another rate?", why, answers))
    longest = float(np.ceil(seconds.max() * 1000) / 1000)
    if longest > values["seconds"]:
        most = float(np.ceil(np.quantile(seconds, 0.95) * 1000) / 1000)
        wanted = [
            values["seconds"],
            *(one for one in dict.fromkeys((most, longest)) if one > values["seconds"]),
        ]
        lengths = tuple(Answer(f"{one:g} s", {"seconds": min(one, 600.0)}) for one in wanted)
        why = f"{int((seconds > values['seconds']).sum()):,} last longer, the longest {longest:g} s"
        doubts.append(Doubt(f"Are the first {values['seconds']:g} s of a sound enough?", why, lengths))
    return doubts
