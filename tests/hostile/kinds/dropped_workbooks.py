"""Workbooks of strangers that are no XML of Excel: binary ones, those of before 2007, and of OpenDocument."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.corpus import written
from tests.hostile.case import Case
from tests.hostile.dropped import dropped, of_bytes


def _old(cut: int | None = None) -> Callable[[Path], Path]:
    """A workbook of before 2007, cut after so many bytes."""

    def make(folder: Path) -> Path:
        path = written.old_excel(folder / "t.xls", "Sheet1", _OLD_ROWS)
        path.write_bytes(path.read_bytes()[:cut])
        return path

    return make


def _binary(more: bytes = b"", left_out: int = 0) -> Callable[[Path], Path]:
    """A binary workbook with more records behind its cells, or fewer bytes of them."""
    return lambda folder: written.binary_excel(folder / "t.xlsb", {"Sheet1": _OLD_ROWS}, more, left_out)


_SHORT = written.binary_cell(0, 1, 16)
_EITHER, _BOUND = (0, 2), "Expected|samples"
_DTD = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
_OLD_ROWS = [["x", "y"], *([i, 2 * i] for i in range(40))]


def _greedy(folder: Path) -> Path:
    """Records that ask the library for more memory than there is."""
    path = _old()(folder)
    data = bytearray(path.read_bytes())
    data[1600:1700] = b"\xff" * 100
    path.write_bytes(bytes(data))
    return path


def _open(before: str, change: Callable[[str], str] = str) -> Callable[[Path], Path]:
    """A workbook of OpenDocument with rows above its table."""

    def make(folder: Path) -> Path:
        path = written.open_document(folder / "t.ods", {"Sheet1": _OLD_ROWS}, before)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts["content.xml"] = change(parts["content.xml"].decode()).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        return path

    return make


def _all() -> list[Case]:
    """Binary workbooks, those of before 2007 and those of OpenDocument."""
    rule = "other workbooks"
    cell = written.open_cell(1, ' table:number-columns-repeated="16384"')
    wide = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    empty = '<table:table-row table:number-rows-repeated="900000000000"><table:table-cell/></table:table-row>'
    marked = _open("", lambda text: text.replace("?>", f"?>{_DTD}", 1))
    return [
        dropped(
            rule, "a cell that stands for 17,000,000,000", _open(wide), "Expected at most", is_quick=True
        ),
        dropped(rule, "a row that stands for 900,000,000,000", _open(empty), "Expected at most"),
        dropped(rule, "entities in a sheet of OpenDocument", marked, "document type"),
        dropped(
            *(rule, "a binary workbook with a cell in the last row"),
            _binary(written.binary_row_start((1 << 20) - 1) + written.binary_cell((1 << 14) - 1, 1)),
            "Expected at most",
        ),
        dropped(rule, "a binary workbook with short cells", _binary(_SHORT), "Expected"),
        dropped(rule, "a binary workbook that is cut", _binary(left_out=7), "Expected"),
        dropped(
            *(rule, "a binary workbook with damaged records", _binary(b"\x05\x02\xff\xff" * 99), _BOUND),
            exits=_EITHER,
        ),
        dropped(rule, "an old workbook that is cut", _old(1500), "Expected"),
        dropped(rule, "an old workbook without an end", _old(600), "Expected"),
        dropped(rule, "an old workbook with damaged records", _greedy, _BOUND, exits=_EITHER),
        dropped(rule, "a text that is named .xls", of_bytes("t.xls", b"x\ty\n1\t2\n" * 90), "name it .csv"),
    ]


CASES = tuple(_all())
