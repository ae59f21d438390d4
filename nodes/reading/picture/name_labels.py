"""Classes from the names of files: `cat.12.jpg`, `dog_003.png`, `7-tree.webp`, or by a pattern of one's own.

Patterns are no regular expressions, which may take for ever on a name that somebody chose for it.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

from nodes.reading.error import DataError
from nodes.shown_text import quoted, shown

CLASS = "{class}"
_NUMBER_BEHIND = re.compile(r"[\s._()\[\]#-]*\d+[)\]]?$")
_NUMBER_BEFORE = re.compile(r"^\d+[\s._()\[\]#-]+")
FEWEST = 2
"""Pictures of a name that make it a class."""


def label_of(path: str, pattern: str = "") -> str:
    """What the name of a file says of its class; empty where it says nothing."""
    name = os.path.basename(path)  # noqa: PTH119 - 100,000 of them
    if pattern:
        return _by_pattern(name, pattern)
    stem = os.path.splitext(name)[0]  # noqa: PTH122
    label = _NUMBER_BEHIND.sub("", stem)
    if label == stem:
        label = _NUMBER_BEFORE.sub("", stem)
    return "" if label == stem else label.strip(" ._-")


def tell_classes(paths: Sequence[str]) -> tuple[str, ...]:
    """The classes that the names of files tell, where nearly all of them do; none where they do not."""
    counts = Counter(label_of(path) for path in paths)
    counts.pop("", None)
    several = {name: count for name, count in counts.items() if count >= FEWEST}
    told = sum(several.values())
    return tuple(sorted(several)) if len(several) > 1 and told >= 0.9 * len(paths) else ()


def require_pattern(pattern: str) -> None:
    """Refuse a pattern that names the class not exactly once. Raises `DataError`."""
    if pattern and pattern.count(CLASS) != 1:
        raise DataError(
            f"name_pattern: Write {CLASS} where the name of the class stands and * for anything, as in "
            f"*_{CLASS}_*.jpg. Expected {CLASS} once. Received {quoted(pattern)}."
        )
    if re.search(r"(\*|\{class\})(\*|\{class\})", pattern):
        raise DataError(
            f"name_pattern: Write a character between {CLASS} and each *. Expected to know where the class "
            f"ends. Received {shown(pattern)}."
        )


def _by_pattern(name: str, pattern: str) -> str:
    """The text at the class. Each piece of the pattern is looked for after the one before: never twice."""
    pieces = re.split(r"(\*|\{class\})", pattern)
    at, label, wild = 0, "", ""
    for place in range(0, len(pieces), 2):
        piece = pieces[place]
        is_last = place == len(pieces) - 1
        if not wild:
            found = at if name.startswith(piece, at) and (not is_last or len(name) == at + len(piece)) else -1
        elif is_last:
            found = len(name) - len(piece) if name.endswith(piece) else -1
        else:
            found = name.find(piece, at)
        if found < at:
            return ""
        if wild == CLASS:
            label = name[at:found]
        at, wild = found + len(piece), pieces[place + 1] if not is_last else ""
    return label
