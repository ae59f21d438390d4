"""Writers of formats that the product only reads: workbooks of Excel, databases, columnar files."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Columns = Mapping[str, Sequence[object]]

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/>{sheets}</Types>'
)
_SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships '
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
)
_BOOK = (
    '<?xml version="1.0" encoding="UTF-8"?><workbook '
    f'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_OFFICE}">'
    "<sheets>{sheets}</sheets></workbook>"
)
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>{before}<worksheet '
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
)


def letters(column: int) -> str:
    """The name of a column of a sheet: A, B, …, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def cell(row: int, column: int, value: object) -> str:
    """One cell of a sheet; `None` is none."""
    if value is None:
        return ""
    at = f'r="{letters(column)}{row}"'
    if isinstance(value, bool):
        return f'<c {at} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c {at}><v>{value!r}</v></c>"
    return f'<c {at} t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def sheet(rows: Iterable[Sequence[object]], before: str = "") -> str:
    """The XML of a sheet."""
    lines = (
        f'<row r="{i}">{"".join(cell(i, j, value) for j, value in enumerate(row))}</row>'
        for i, row in enumerate(rows, 1)
    )
    return _SHEET.format(rows="".join(lines), before=before)


def excel(path: Path, sheets: Mapping[str, str], more: Mapping[str, bytes] | None = None) -> Path:
    """A workbook of these sheets, each as XML, and other parts."""
    names = [*sheets]
    book = "".join(
        f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    root = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        types = "".join(_SHEET_TYPE.format(i=i) for i in range(1, len(names) + 1))
        archive.writestr("[Content_Types].xml", _TYPES.format(sheets=types))
        archive.writestr("_rels/.rels", _RELATIONS.format(links=root))
        archive.writestr("xl/workbook.xml", _BOOK.format(sheets=book))
        archive.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format(links=links))
        for i, text in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{i}.xml", text)
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return path


def rows_of(columns: Columns) -> list[Sequence[object]]:
    """The names, then the rows."""
    return [[*columns], *zip(*columns.values(), strict=True)]


def database(path: Path, tables: Mapping[str, Columns], script: str = "") -> Path:
    """A database of SQLite with these tables; `script` runs last."""
    file = sqlite3.connect(path)
    try:
        for name, columns in tables.items():
            quoted = ", ".join('"' + column.replace('"', '""') + '"' for column in columns)
            file.execute(f'CREATE TABLE "{name}" ({quoted})')
            marks = ", ".join("?" * len(columns))
            file.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows_of(columns)[1:])
        if script:
            file.executescript(f"BEGIN; {script} COMMIT;")
        file.commit()
    finally:
        file.close()
    return path


def json_lines(path: Path, columns: Columns) -> Path:
    """An object for each row."""
    lines = (
        json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows_of(columns)[1:]
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def columnar(path: Path, columns: Columns, **options: object) -> Path:
    """Parquet or Arrow, by the ending, with whichever library is there."""
    try:
        import polars
    except ImportError:
        return _by_arrow(path, columns, **options)
    table = polars.DataFrame({name: list(values) for name, values in columns.items()})
    if path.suffix == ".parquet":
        table.write_parquet(path, **options)
    elif path.suffix == ".arrows":
        table.write_ipc_stream(path, **options)
    else:
        table.write_ipc(path, **options)
    return path


def _by_arrow(path: Path, columns: Columns, **options: object) -> Path:
    import pyarrow
    from pyarrow import ipc, parquet

    table = pyarrow.table({name: list(values) for name, values in columns.items()})
    if path.suffix == ".parquet":
        parquet.write_table(table, path, **options)
        return path
    opened = ipc.new_stream if path.suffix == ".arrows" else ipc.new_file
    with opened(str(path), table.schema) as writer:
        writer.write_table(table)
    return path
