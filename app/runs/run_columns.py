"""What the list of runs says of each run: its columns, their words and what they are sorted by.

Pure functions over records of the archive.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.training.run_words import metrics, objectives
from app.widgets.numbers import current, percent
from engine.document.project import Project
from engine.runs.archive import RunRecord

MOST_METRICS = 4
_UNNAMED = re.compile(r"(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)(_\d+)?")
TINTS = {
    "running": "accent",
    "completed": "good",
    "stopped": "muted",
    "failed": "bad",
    "interrupted": "warn",
    "unreadable": "bad",
}
"""The colour of a status."""


def tint(record: RunRecord) -> str:
    """The colour of how a run stands: a completed one whose validation was not finite is no plain success."""
    if record.paused:
        return "warn"
    return (
        "warn"
        if record.nonfinite_epochs and record.status == "completed"
        else TINTS.get(record.status, "muted")
    )


@dataclass(frozen=True)
class RunColumn:
    """One column. `text` is what is shown, `key` what it is sorted by; `keep` says how long it stays as the
    list becomes narrow: the lowest go first."""

    id: str
    title: str
    width: int
    text: Callable[[RunRecord], str]
    key: Callable[[RunRecord], Any]
    keep: int = 0
    numeric: bool = False
    editable: bool = False

    @property
    def has_words(self) -> bool:
        """Whether it may be wider or narrower: words are cut where they are too long."""
        return not self.numeric and self.id != "started"

    @property
    def least(self) -> int:
        """The width below which a column that matters less makes room."""
        return round(0.75 * self.width) if self.has_words else self.width


def columns(records: Sequence[RunRecord], project: Project) -> list[RunColumn]:
    """The columns for these runs: what all have, and the figures that most of them end with.

    Tags and notes that somebody has written stay longer than what can be read elsewhere.
    """
    tagged, noted = any(record.tags for record in records), any(record.note for record in records)
    return [
        RunColumn("name", "Name", 128, name_of, lambda r: name_of(r).lower(), 100, editable=True),
        RunColumn("status", "Status", 160, brief, lambda r: (r.status, -r.step), 90),
        *_figures(records, project),
        RunColumn("steps", "Steps", 56, lambda r: f"{r.step:,}", lambda r: r.step, 60, numeric=True),
        RunColumn("took", "Took", 56, lambda r: took(r.seconds), lambda r: r.seconds, 50, numeric=True),
        RunColumn("started", "Started", 104, lambda r: when(r.created), lambda r: r.created, 70),
        RunColumn("tags", "Tags", 84, lambda r: " ".join(f"#{tag}" for tag in r.tags), lambda r: r.tags,
               75 if tagged else 40, editable=True),
        RunColumn("note", "Note", 96, lambda r: " ".join(r.note.split()), lambda r: r.note.lower(),
               65 if noted else 30, editable=True),
    ]  # fmt: skip


def _figures(records: Sequence[RunRecord], project: Project) -> list[RunColumn]:
    counts = Counter(name for record in records for name in record.metrics)
    known = metrics(project)
    names = sorted(counts, key=lambda name: (name not in known, -counts[name], name))
    found = [_figure(name, title(name, project), project, 80 - at) for at, name in enumerate(names)]
    trained = dict.fromkeys(path for record in records for path in record.training if path not in counts)
    found += [_training(path, project, 79 - at) for at, path in enumerate(trained)]
    return found[:MOST_METRICS]


def _figure(name: str, heading: str, project: Project, keep: int) -> RunColumn:
    words = metrics(project).get(name)
    show = percent if words is not None and words.is_share else current
    return _numbers(f"figure {name}", heading, lambda record: record.metrics.get(name), show, keep)


def _training(path: str, project: Project, keep: int) -> RunColumn:
    heading = training_title(path, project)
    return _numbers(f"training {path}", heading, lambda record: record.training.get(path), current, keep)


def _numbers(
    column: str,
    heading: str,
    figure: Callable[[RunRecord], float | None],
    show: Callable[[float], str],
    keep: int,
) -> RunColumn:
    def text(record: RunRecord) -> str:
        value = figure(record)
        return "" if value is None else show(value)

    def key(record: RunRecord) -> float:
        value = figure(record)
        return float("-inf") if value is None else value

    width = min(max(72, 16 + 7 * len(heading)), 116)
    return RunColumn(column, heading, width, text, key, keep, numeric=True)


def title(name: str, project: Project) -> str:
    """What a figure is called: a metric by its kind where there is one of it, a loss by its objective."""
    measured, trained = metrics(project), objectives(project)
    if name in measured:
        same = [other for other in measured.values() if other.title == measured[name].title]
        return measured[name].title if len(same) == 1 else name
    if name in trained:
        return "Loss" if len(trained) == 1 else f"Loss {trained[name].name}"
    return name


def training_title(path: str, project: Project) -> str:
    """What the training loss of an objective is called that is not validated."""
    trained = objectives(project)
    if path not in trained:
        return path
    return "Training loss" if len(trained) == 1 else f"Training loss {trained[path].name}"


def name_of(record: RunRecord) -> str:
    """The name that a person gave; else when it began, to the second."""
    found = _UNNAMED.fullmatch(record.name)
    if found is None or record.name != record.folder.name:
        return record.name
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        began = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - it is a name, not a time
    except ValueError:
        return record.name
    return f"{began.day} {began:%b %H:%M:%S}{found[7] or ''}"


def brief(record: RunRecord) -> str:
    """How the run stands, in the few words that a column has room for."""
    return sentence(record).partition(". ")[0].rstrip(".").partition(" from step ")[0]


def sentence(record: RunRecord) -> str:
    """How the run stands, on one line."""
    return " ".join(record.sentence.split())


def took(seconds: float) -> str:
    """0:04, 1:01:40; nothing where it is not known."""
    if seconds <= 0:
        return ""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def when(created: str, now: datetime | None = None) -> str:
    """A time in the archive (ISO, with its zone) as a person says it: `today 14:03`, `12 Nov 14:03`."""
    try:
        then = datetime.fromisoformat(created).astimezone()
    except ValueError:
        return ""
    present = now or datetime.now().astimezone()
    days = (present.date() - then.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'} {then:%H:%M}"
    return f"{then.day} {then:%b} {then:%H:%M}" if then.year == present.year else f"{then.day} {then:%b %Y}"


def matches(record: RunRecord, text: str) -> bool:
    """Whether a run has every word of a search: `#word` in its tags, others in all that is written on it."""
    written = " ".join((name_of(record), record.note, sentence(record), *record.tags, record.device)).lower()
    tags = [tag.lower() for tag in record.tags]
    return all(_matches(word, written, tags) for word in text.lower().split())


def _matches(word: str, written: str, tags: list[str]) -> bool:
    if word.startswith("#"):
        return any(tag.startswith(word[1:]) for tag in tags)
    return word in written


def all_tags(records: Iterable[RunRecord]) -> list[str]:
    """Every tag that a run has, the most frequent first."""
    counts = Counter(tag for record in records for tag in record.tags)
    return sorted(counts, key=lambda tag: (-counts[tag], tag.lower()))


def tags_of(text: str) -> tuple[str, ...]:
    """What was typed as tags: words, with or without #, by spaces or commas."""
    words = text.replace(",", " ").split()
    return tuple(dict.fromkeys(word.lstrip("#") for word in words if word.strip("#")))
