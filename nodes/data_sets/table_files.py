"""Tables in files that people have: text of any dialect, Parquet, Arrow, Excel, SQLite, JSON.

What is asked for the columns is the same for all; each format adds what it alone has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nodes.data_sets.declaration import (
    DataSetDeclaration,
    found_choice,
    group_column_param,
    labels_param,
    order_column_param,
    path_label,
    path_param,
    split_column_param,
    split_param,
    weight_column_param,
)
from nodes.data_sets.table import TableSet, columns_param, task_param
from nodes.param import Choice, Text
from nodes.reading.error import DataError
from nodes.reading.tables.name_lists import names_in
from nodes.spec import Port

if TYPE_CHECKING:
    from nodes.reading.look import Recognised
    from nodes.reading.tables.blocks import TableSource
    from nodes.reading.tables.choices import ColumnChoice
    from nodes.reading.tables.dialect import TextChoice
    from nodes.reading.tables.outline import RowChoice, TableOutline

HOW_READ = ("sheet", "table_name")
"""Parameters that say which table of a file is read."""
OF_A_DROP = {"dates": "cyclic", "target_by": "name", "several_labels": "auto"}
"""How a table is read that somebody drops; projects from before these parameters have their defaults."""


class TableFile(TableSet):
    """What tables in files share: which columns are for what, of which type, what stands for no value."""

    licence = "yours"
    endings: ClassVar[tuple[str, ...]] = ()
    sureness: ClassVar[int] = 50
    more = (Port("weight", "how much each sample counts (N)", side=True),)
    can_choose = True

    path = path_param()
    input_columns = columns_param()
    target_columns = Text("", help="Columns to predict, separated by commas; empty: see target_by.")
    target_by = Choice(
        "last",
        choices=("last", "name"),
        advanced=True,
        help="What is predicted where no column is named: the last, or one called label, class or target.",
    )
    task = task_param()
    several_labels = labels_param()
    ignored_columns = Text("", help="Columns that are for nothing, separated by commas.")
    column_types = Text(
        "",
        help="As in `code = category`: number, category, date, `date, day first`, text, identifier, ignore.",
    )
    missing_words = Text(
        "",
        advanced=True,
        help="Words for no value in any column, by commas; empty: NA, null and such, in columns of numbers.",
    )
    gaps = Choice(
        "leave out",
        choices=("leave out", "fill"),
        help="Rows that lack a value: leave them out, or fill in the mean of the training part.",
    )
    dates = Choice(
        "words",
        choices=("words", "number", "cyclic", "ignore"),
        titles={"number": "seconds", "cyclic": "seconds, and places in day, week and year"},
        help="How columns of dates and times go in.",
    )
    split = split_param()
    split_column = split_column_param()
    group_column = group_column_param()
    order_column = order_column_param()
    weight_column = weight_column_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from dataclasses import replace

        from nodes.reading.look import by_ending
        from nodes.reading.tables.recognise import in_folder

        found = in_folder(path, cls.endings) or by_ending(path, cls.endings, cls.sureness)
        return found and replace(found, values={**found.values, **OF_A_DROP})

    def file(self) -> Path:
        """The chosen file. Raises `DataError` where none is chosen."""
        if not self.values["path"]:
            raise DataError(f"path: Expected {self.expected}. Received nothing; choose a file.")
        return Path(str(self.values["path"]))

    expected: ClassVar[str] = "a file with a table"

    def row_choice(self) -> RowChoice:
        """How rows are read."""
        from nodes.reading.tables.outline import RowChoice

        first = str(self.values.get("first_row", "auto"))
        return RowChoice(first, names_in(self.missing_words) if self.missing_words.strip() else None)

    def columns(self) -> ColumnChoice:
        from nodes.reading.tables.choices import ColumnChoice, types_in

        return ColumnChoice(
            names_in(self.input_columns),
            names_in(self.target_columns),
            names_in(self.ignored_columns),
            self.task,
            types_in(self.column_types),
            self.dates,
            self.gaps,
            _one_name(self.group_column),
            _one_name(self.split_column),
            _one_name(self.weight_column),
            _one_name(self.order_column),
            labels=self.several_labels,
            by_name=self.target_by == "name",
        )

    def table_at(self, path: Path, *, as_written: bool) -> TableOutline:
        """Another file, read by the same parameters where it is of this format, else as its ending says."""
        ending = path.suffix.lower()
        others = [kind for kind in formats() if ending in kind.endings and not isinstance(self, kind)]
        kind = others[0] if others and ending not in self.endings else type(self)
        own = {name: value for name, value in self.values.items() if name in kind.params}
        other = kind({**own, "path": str(path)})
        return other.as_written() if as_written and isinstance(other, CsvFile) else other.table()

    def source(self, path: Path) -> TableSource:
        """A file, opened as this set opens its own. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not open its table")

    def table(self) -> TableOutline:
        from nodes.reading import csv_table

        path = self.file()
        asked = (self.name, *(str(self.values.get(name, "")) for name in HOW_READ))
        return csv_table.outline_of(path, lambda: self.source(path), self.row_choice(), *asked)

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        from nodes.reading.tables.roles import values_for_role

        return values_for_role(self.plan(), part, role)

    def shown_title(self, table: TableOutline) -> str:
        return table.path.name

    def card_label(self) -> str:
        return path_label(self.path)


def _one_name(text: str) -> str:
    """The name of a column; empty: there is none."""
    return next(iter(names_in(text)), "")


def first_row_param() -> Choice:
    """The parameter `first_row`."""
    return Choice(
        "auto",
        choices=("auto", "names", "data", "skip"),
        help="What the first row has: the names of the columns, data as the others, or neither; auto: the "
        "rows below tell.",
    )


class TextDialect(DataSetDeclaration):
    """How the text of a table is read."""

    first_row = first_row_param()
    separator = found_choice(
        "comma",
        "semicolon",
        "tab",
        "bar",
        "space",
        help="What parts the cells.",
    )
    decimal = found_choice(
        "point",
        "comma",
        help="What stands before decimals; auto: a comma too, where commas part no cells.",
    )
    encoding = found_choice(
        "utf-8",
        "utf-16",
        "windows-1252",
        "windows-1250",
        "windows-1251",
        "latin-1",
        help="How characters are written as bytes; auto: found by looking.",
    )


class CsvFile(TableFile, TextDialect):
    """CSV table."""

    name = "csv-file"
    title = "CSV table"
    description = "A table in a text file of any dialect; pick what goes in and what is to be predicted."
    place = 71
    endings = (".csv", ".tsv", ".tab", ".data", ".dat", ".psv", ".ssv", ".arff")
    expected = "a CSV file"

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.tables.recognise import recognised_text

        return recognised_text(path, cls.endings, OF_A_DROP)

    def text_choice(self) -> TextChoice:
        """How the text is read."""
        from nodes.reading.tables.dialect import TextChoice

        return TextChoice(self.separator, self.decimal, self.encoding)

    def source(self, path: Path) -> TableSource:
        from nodes.reading.tables.csv_source import CsvSource

        return CsvSource(path, self.text_choice())

    def table(self) -> TableOutline:
        """Kept together with what other sets learn of the same text file."""
        from nodes.reading import csv_table

        return csv_table.outline(self.file(), self.text_choice(), self.row_choice())

    def as_written(self) -> TableOutline:
        """The table with numbers like 1.234,5 and 9,5, whether or not one of them tells it."""
        from nodes.reading import csv_table

        return csv_table.outline(self.file(), self.text_choice(), self.row_choice(), as_written=True)


class ColumnarFile(TableFile):
    """Parquet or Arrow table."""

    name = "parquet-file"
    title = "Parquet or Arrow table"
    description = (
        "A table in a Parquet, Arrow or Feather file; pick what goes in and what is to be predicted."
    )
    place = 72
    endings = (".parquet", ".pq", ".arrow", ".arrows", ".feather", ".ipc")
    expected = "a Parquet or Arrow file"

    def source(self, path: Path) -> TableSource:
        from nodes.reading.tables.formats.columnar import ColumnarSource

        return ColumnarSource(path)


class JsonFile(TableFile):
    """JSON table."""

    name = "json-file"
    title = "JSON table"
    description = "A table in JSON: an object in each line, a list of objects, or a list for each column."
    place = 72
    endings = (".jsonl", ".ndjson", ".json")
    expected = "a JSON file"

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.tables.recognise import recognised_json

        return recognised_json(path, cls.endings, OF_A_DROP)

    def source(self, path: Path) -> TableSource:
        from nodes.reading.tables.formats.json_source import JsonSource

        return JsonSource(path)


class _Sheet(DataSetDeclaration):
    """What workbooks add."""

    sheet = Text("", help="Sheet of the workbook; empty: the first that has rows.")
    first_row = first_row_param()


class ExcelFile(TableFile, _Sheet):
    """Excel table."""

    name = "excel-file"
    title = "Excel table"
    description = (
        "A sheet of a workbook, of Excel or OpenDocument; pick what goes in and what is to be predicted."
    )
    place = 72
    endings = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
    expected = "a workbook of Excel or OpenDocument"
    sureness = 96  # a workbook is an archive, which others read too

    def source(self, path: Path) -> TableSource:
        from nodes.reading.tables.formats.excel_source import ExcelSource

        return ExcelSource(path, str(self.values["sheet"]))


class _TableName(DataSetDeclaration):
    """What databases add."""

    table_name = Text("", help="Table of the database; empty: the one with the most rows.")


class SqliteFile(TableFile, _TableName):
    """SQLite table."""

    name = "sqlite-file"
    title = "SQLite table"
    description = "A table of a SQLite database, which is only read; pick what goes in and what is predicted."
    place = 72
    endings = (".sqlite", ".sqlite3", ".db", ".db3")
    expected = "a SQLite database"

    def source(self, path: Path) -> TableSource:
        from nodes.reading.tables.formats.sqlite_source import SqliteSource

        return SqliteSource(path, str(self.values["table_name"]))


def formats() -> tuple[type[TableFile], ...]:
    """The formats of tables in files."""
    return (CsvFile, ColumnarFile, JsonFile, ExcelFile, SqliteFile)
