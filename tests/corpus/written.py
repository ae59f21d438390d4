"""Writers of formats that the product only reads: workbooks of Excel, databases, columnar files."""

from __future__ import annotations

import json
import sqlite3
import struct
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


# Workbooks of other programs ------------------------------------------------------------------------------

_ODS = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
    "<office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"
)
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)


def open_cell(value: object, more: str = "") -> str:
    """One cell of a sheet of OpenDocument; `None` is none; `more` are attributes."""
    if value is None:
        return f"<table:table-cell{more}/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        kind = f'office:value-type="float" office:value="{value!r}"'
        return f"<table:table-cell {kind}{more}><text:p>{value}</text:p></table:table-cell>"
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f'<table:table-cell office:value-type="string"{more}>{text}</table:table-cell>'


def open_document(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]], before: str = "") -> Path:
    """A workbook of OpenDocument; `before` are rows as XML that stand above those of each sheet."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{before}'
        + "".join(f"<table:table-row>{''.join(map(open_cell, row))}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _ODS_MANIFEST)
        archive.writestr("content.xml", _ODS.format(sheets=tables))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_excel(path: Path, name: str, rows: Iterable[Sequence[object]]) -> Path:
    """A workbook of Excel 97: records of one sheet, in a file of sectors of 512 bytes."""
    cells = b""
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            at = struct.pack("<HHH", i, j, 15)
            if isinstance(value, int | float):
                cells += _record(0x0203, at + struct.pack("<d", value))
            elif value is not None:
                text = str(value).encode("utf-16-le")
                cells += _record(0x0204, at + struct.pack("<HB", len(str(value)), 1) + text)
    sheet_ = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 6)) + cells + _record(0x0A, b"")
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x05, 0, 0, 0, 6))
    title = name.encode("utf-16-le")
    bound = struct.pack("<BB", len(name), 1) + title
    start = len(head) + 4 + 6 + len(bound) + 4
    book = head + _record(0x85, struct.pack("<IBB", start, 0, 0) + bound) + _record(0x0A, b"") + sheet_
    return _sectors(path, book.ljust(4096, b"\0"))


def binary_excel(
    path: Path, sheets: Mapping[str, Iterable[Sequence[object]]], more: bytes = b"", left_out: int = 0
) -> Path:
    """A binary workbook of Excel: an archive whose sheets are records, with their words in the cells.

    `more` stands behind the cells of each sheet, of which the last `left_out` bytes are missing.
    """
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links, book = "", b""
    parts: dict[str, str | bytes] = {}
    for i, (name, rows) in enumerate(sheets.items(), 1):
        links += f'<Relationship Id="rId{i}" Type="{kind}/worksheet" Target="worksheets/sheet{i}.bin"/>'
        book += _binary(156, struct.pack("<II", 0, i) + _wide(f"rId{i}") + _wide(name))
        table = [*rows]
        size = _binary(148, struct.pack("<IIII", 0, len(table) - 1, 0, max(map(len, table)) - 1))
        cells = b"".join(_binary_row(at, row) for at, row in enumerate(table)) + more
        content = _binary(129) + size + _binary(145) + cells[: len(cells) - left_out]
        parts[f"xl/worksheets/sheet{i}.bin"] = content + (_binary(146) + _binary(130)) * (not left_out)
    parts["xl/workbook.bin"] = _binary(131) + _binary(143) + book + _binary(144) + _binary(132)
    parts["xl/_rels/workbook.bin.rels"] = _relationships(links)
    main = f'<Relationship Id="rId1" Type="{kind}/officeDocument" Target="xl/workbook.bin"/>'
    parts["_rels/.rels"] = _relationships(main)
    parts["[Content_Types].xml"] = _types(name for name in parts if "sheets/" in name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def _types(sheets: Iterable[str]) -> str:
    """The kinds of the parts of a binary workbook."""
    ours = "application/vnd.ms-excel"
    named = (f'<Override PartName="/{name}" ContentType="{ours}.worksheet"/>' for name in sheets)
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="bin" ContentType="{ours}.sheet.binary.macroEnabled.main"/>'
        + "".join(named)
        + "</Types>"
    )


def _relationships(links: str) -> str:
    home = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<?xml version="1.0"?><Relationships xmlns="{home}">{links}</Relationships>'


def _binary(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary workbook: its kind and its size by seven bits in each byte."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(data)
    while length > 0x7F:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return head + size + bytes([length]) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_cell(column: int, value: object, kind: int | None = None) -> bytes:
    """A cell: a truth value, a number or words."""
    at = struct.pack("<II", column, 0)
    if isinstance(value, bool):
        return _binary(4 if kind is None else kind, at + bytes([value]))
    if isinstance(value, int | float):
        return _binary(5 if kind is None else kind, at + struct.pack("<d", value))
    return _binary(6 if kind is None else kind, at + _wide(str(value)))


def _binary_row(row: int, values: Sequence[object]) -> bytes:
    cells = [binary_cell(column, value) for column, value in enumerate(values) if value is not None]
    return binary_row_start(row) + b"".join(cells)


def binary_row_start(row: int) -> bytes:
    """The record with which a row begins; its cells follow."""
    return _binary(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0))


def _sectors(path: Path, stream: bytes) -> Path:
    """A file of sectors with the one stream Workbook: an allocation table, a directory, the stream."""
    count = -(-len(stream) // 512)
    tables = -(-(count + 2) // 127)
    first = tables + 1
    links = [0xFFFFFFFD] * tables + [0xFFFFFFFE] + [*range(first + 1, first + count), 0xFFFFFFFE]
    table = struct.pack(f"<{len(links)}I", *links).ljust(512 * tables, b"\xff")
    places = [*range(tables), *[0xFFFFFFFF] * (109 - tables)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", *places)
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry("Workbook", 2, first, len(stream))
    path.write_bytes(head + table + entries.ljust(512, b"\0") + stream.ljust(512 * count, b"\0"))
    return path


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB", len(raw), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
