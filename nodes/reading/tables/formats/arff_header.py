"""The lines above the rows of an ARFF file (of Weka) or a KEEL file: names and types of the columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_ATTRIBUTE = re.compile(
    r"""@attribute\s+(?P<name>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(?P<type>.*)""", re.IGNORECASE
)
_RELATION = re.compile(r"@relation\b", re.IGNORECASE)
_DATA = re.compile(r"@data\b", re.IGNORECASE)


@dataclass(frozen=True)
class ArffHeader:
    """The names of the columns, which of them have words whatever they look like, and the lines of it all."""

    names: tuple[str, ...]
    is_text: tuple[bool, ...]
    lines: int


def arff_header(lines: Sequence[str]) -> ArffHeader | None:
    """The header in which the first lines of a file begin; None where they are none."""
    filled = [line.strip() for line in lines if line.strip() and not line.startswith("%")]
    if not filled or not _RELATION.match(filled[0]):
        return None
    found = [_ATTRIBUTE.match(line.strip()) for line in lines]
    attributes = [one for one in found if one]
    end = next((i for i, line in enumerate(lines) if _DATA.match(line.strip())), None)
    if end is None or not attributes:
        return None
    names = tuple(one["name"].strip("'\"") for one in attributes)
    kinds = [one["type"].strip().lower() for one in attributes]
    return ArffHeader(names, tuple(kind.startswith(("{", "string", "date")) for kind in kinds), end + 1)
