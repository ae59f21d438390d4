"""What the parameter `several_labels` of a data node can be."""

from __future__ import annotations

NO, AUTO, IN_COLUMNS = "no", "auto", "columns"
SIGNS = {"bar": "|", "semicolon": ";", "comma": ",", "slash": "/", "plus": "+", "space": " "}
"""What parts the labels of a cell, by the name of the choice."""
LIST = "list"
"""Cells like `["cat", "dog"]`, as in JSON."""
MARKS = "marks"
"""Cells like `[0, 1, 1]`: a label for each place, 1 where it holds."""
CHOICES = (NO, AUTO, IN_COLUMNS, *SIGNS, LIST, MARKS)
"""What the parameter `several_labels` can be."""
TITLES = {
    IN_COLUMNS: "in columns of 0 and 1",
    **{name: f"in one cell, {name} between" for name in SIGNS},
    LIST: 'in one cell, a list like ["a", "b"]',
    MARKS: "in one cell, marks like [0, 1, 1]",
}
