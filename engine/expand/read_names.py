"""What the expressions of nodes read: which copies of a node are alike, and what is too much to read."""

from __future__ import annotations

from engine.document.held_expressions import expressions_in, held_by, names_read
from engine.document.project import Node
from engine.expand.site import Site

MOST_LETTERS = 4_000_000
"""The most characters of expressions that one expansion evaluates; they take about a second."""
_ABSENT = object()


class ReadNames:
    """Of one expansion. Nodes are known by identity: the project holds them."""

    def __init__(self) -> None:
        self._left = MOST_LETTERS
        self._known: dict[int, tuple[int, tuple[str, ...]]] = {}

    def may_read(self, site: Site) -> bool:
        """Count the expressions of a node; False where there were too many before to evaluate them."""
        letters, _ = self._of(site.node)
        self._left -= letters
        return self._left >= 0 or not letters

    def alike(self, site: Site) -> tuple[int, str]:
        """Equal for copies of a node whose expressions have the same values."""
        _, read = self._of(site.node)
        return id(site.node), repr([site.names.get(name, _ABSENT) for name in read]) if read else ""

    def _of(self, node: Node) -> tuple[int, tuple[str, ...]]:
        """The length of the expressions of a node, and the names that they read."""
        found = self._known.get(id(node))
        if found is None:
            held = (text for _, value in held_by(node) for text in expressions_in(value))
            found = self._known[id(node)] = (sum(map(len, held)), tuple(sorted(names_read(node))))
        return found
