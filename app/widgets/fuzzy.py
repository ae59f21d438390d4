"""How well something typed matches a title: letters in order, words and beginnings first."""

from __future__ import annotations

_SEPARATORS = " -_·./("


def score(typed: str, title: str) -> int | None:
    """Higher is better; None where the letters of `typed` do not all occur in order. Case does not matter."""
    wanted, text = typed.lower().strip(), title.lower()
    if not wanted:
        return 0
    at = text.find(wanted)
    if at >= 0:
        starts = at == 0 or text[at - 1] in _SEPARATORS
        return 1000 + (400 if at == 0 else 200 if starts else 0) - len(text)
    words = wanted.split()
    if len(words) > 1 and all(word in text for word in words):
        return 700 - len(text)
    return _letters(wanted.replace(" ", ""), text)


def _letters(wanted: str, text: str) -> int | None:
    total, at, last = 0, -1, -2
    for letter in wanted:
        at = text.find(letter, at + 1)
        if at < 0:
            return None
        if at == last + 1:
            total += 12
        elif at == 0 or text[at - 1] in _SEPARATORS:
            total += 10
        else:
            total -= min(at - last, 10)
        last = at
    return total - len(text) if total > 0 else None


def marks(typed: str, title: str) -> frozenset[int]:
    """The places in `title` that matched, to be shown stronger."""
    wanted, text = typed.lower().strip(), title.lower()
    at = text.find(wanted)
    if wanted and at >= 0:
        return frozenset(range(at, at + len(wanted)))
    found, at = set(), -1
    for letter in wanted.replace(" ", ""):
        at = text.find(letter, at + 1)
        if at < 0:
            return frozenset()
        found.add(at)
    return frozenset(found)
