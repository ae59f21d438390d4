"""Pictures that a table lists, with the classes or numbers that stand beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import (
    group_column_param,
    labels_param,
    path_label,
    path_param,
    split_column_param,
    split_param,
)
from nodes.data_sets.listed_pictures import ListedPictures
from nodes.data_sets.table import task_param
from nodes.param import Text
from nodes.reading.error import DataError
from nodes.reading.tables.name_lists import names_in

if TYPE_CHECKING:
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.picture.folder_layout import Listing
    from nodes.reading.picture.listed.picture_table import PictureTable
    from nodes.reading.picture.listed.table_targets import TargetRules
    from nodes.reading.split import SplitMarks


class ImageTable(ListedPictures):
    """Pictures in a table."""

    name = "image-table"
    title = "Pictures in a table"
    licence = "yours"
    description = (
        "A table with a column of picture files and columns to predict. Files are looked for from the folder "
        "of the table, and never outside of it."
    )
    place = 70
    keeps_errors = False  # the folders of its pictures are not in the signature

    path = path_param()
    file_column = Text("", help="Column with the files of the pictures; empty: the first that names some.")
    target_columns = Text("", help="Columns to predict, separated by commas; empty: by their names.")
    task = task_param()
    several_labels = labels_param()
    split = split_param()
    split_column = split_column_param()
    group_column = group_column_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import Recognised
        from nodes.reading.picture.listed.table_match import lists_pictures

        found = lists_pictures(path, 1)
        if found is None:
            return None
        table, columns = found
        values = {"path": str(table), "several_labels": "auto"}
        return Recognised(80, values, f"column {columns[0]} of {table.name} names pictures")

    def table(self) -> PictureTable:
        """The rows of the table that name pictures. Raises `DataError`."""
        from nodes.reading.picture.listed.picture_table import read_table

        if not self.path:
            raise DataError("path: Expected a table that lists pictures. Received nothing; choose one.")
        return read_table(Path(self.path), names_in(self.file_column))

    def target_rules(self) -> TargetRules:
        """What the parameters say of the columns."""
        from nodes.reading.picture.listed.table_targets import TargetRules

        return TargetRules(
            names_in(self.target_columns),
            self.task,
            self.split_column,
            self.group_column,
            self.several_labels,
        )

    def listing(self) -> Listing:
        from nodes.reading.picture.listed.table_match import kept_listing

        rules = self.target_rules()
        return kept_listing((self.path, self.file_column, rules, self.signature()), self.table, rules)

    def marks(self, listing: Listing) -> SplitMarks:
        return replace(
            super().marks(listing),
            words=listing.words,
            words_name=listing.words_name,
            groups=listing.groups,
            group_name=listing.group_name,
        )

    def look(self, seed: int) -> DataLook:
        from nodes.reading.picture.listed.table_look import column_parts, target_doubts
        from nodes.reading.picture.listed.table_targets import roles

        found, table = super().look(seed), self.table()
        chosen = roles(table, self.target_rules())
        channels = [part for part in found.parts if part.name != "class"]
        return replace(
            found,
            parts=(*channels, *column_parts(table, chosen)),
            doubts=(*target_doubts(table, chosen), *found.doubts),
        )

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        from nodes.reading.picture.listed.table_look import values_for_role

        return values_for_role(self.table(), self.target_rules(), part, role)

    def card_label(self) -> str:
        return path_label(self.path)
