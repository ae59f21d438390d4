"""Some mutated files for every reader; `python -m tests.proofs hostile_fuzz` tries 100,000."""

from __future__ import annotations

import sys

import pytest

from nodes.user_error import UserError
from tests.hostile.fuzz import Reader, fuzz, readers

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="alarms and /proc are Linux's")
_IN_ALL = 500


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.name)
def test_a_mutated_file_is_read_or_refused_in_a_sentence(reader, tmp_path):
    assert not list(fuzz(reader, -(-_IN_ALL // len(readers())), tmp_path))


def _writes(folder):
    (folder / "seed").write_bytes(b"words" * 20)
    return [folder / "seed"]


def _fails(path):
    if b"\x00" in path.read_bytes():
        raise ValueError("a fault of this reader")
    raise UserError("refused")


def test_the_battery_finds_what_is_not_typed(tmp_path):
    found = list(fuzz(Reader("example", _writes, _fails), 200, tmp_path))
    assert found
    assert all("a fault of this reader" in fault.sentence for fault in found)
