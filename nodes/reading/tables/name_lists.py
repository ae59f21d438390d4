"""Lists of column names as people write them: by commas, a name that has one in double quotes."""

from __future__ import annotations

from collections.abc import Sequence


def names_in(text: str) -> tuple[str, ...]:
    """Column names out of a list with commas; one that has a comma stands in double quotes."""
    found: list[str] = []
    for name in parted(text, ","):
        bare = name.strip()
        if len(bare) > 1 and bare[0] == bare[-1] == '"':
            bare = bare[1:-1].replace('""', '"')
        if bare:
            found.append(bare)
    return tuple(found)


def listed_names(names: Sequence[str]) -> str:
    """The list from which `names_in` makes these names."""
    return ", ".join(quoted_name(name) for name in names)


def quoted_name(name: str) -> str:
    """A name as it stands in a list."""
    is_plain = not any(sign in name for sign in ',"=') and name == name.strip()
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def parted(text: str, sign: str) -> list[str]:
    """The text parted at a sign that stands in no double quotes."""
    parts, current, inside = [], "", False
    for letter in text:
        inside ^= letter == '"'
        if letter == sign and not inside:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [*parts, current]
