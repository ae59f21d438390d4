"""Files of torch are read without running anything: what torch wrote comes back, whatever else is refused."""

from __future__ import annotations

import io
import os
import struct
import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nodes.reading.error import DataError
from nodes.reading.weights.torch_file import MOST_BYTES, tensors_of


def written(value: object, path: Path, *, new: bool) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=new)
    return path


@pytest.fixture(params=[True, False], ids=["archive", "stream"])
def new(request: Any) -> bool:
    return bool(request.param)


def test_a_state_dict_comes_back_by_name_and_in_order(tmp_path: Path, new: bool) -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.LSTM(5, 2))
    found = tensors_of(written(net.state_dict(), tmp_path / "w.pth", new=new))
    assert list(found) == list(net.state_dict())
    assert all(np.array_equal(found[name], value.numpy()) for name, value in net.state_dict().items())


def test_views_kinds_parameters_and_checkpoints(tmp_path: Path, new: bool) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    kinds = ("float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool")
    whole = OrderedDict(
        turned=base.t(), part=base[1:3, ::2], one=base[2, 3], none=torch.empty(0, 3),
        learned=nn.Parameter(base),
        **{kind: torch.arange(5).to(getattr(torch, kind)) for kind in kinds},
    )  # fmt: skip
    for value in (
        whole,
        {"state_dict": whole, "epoch": 3, "lr": 0.5, "best": None, "on": True, "sizes": [1, (2,)]},
    ):
        found = tensors_of(written(value, tmp_path / "w.pth", new=new))
        assert all(np.array_equal(found[name], one.detach().numpy()) for name, one in whole.items())
        assert all(found[name].dtype == one.detach().numpy().dtype for name, one in whole.items())


class Acts:
    """What runs a command where a file is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.path}",)


def test_what_asks_for_more_is_refused_by_name_and_does_nothing(tmp_path: Path, new: bool) -> None:
    mark = tmp_path / "ran"
    path = written({"a": torch.ones(2), "b": Acts(mark)}, tmp_path / "w.pth", new=new)
    with pytest.raises(
        DataError, match=r"Received what asks for '(posix|nt)\.system', which is not followed"
    ):
        tensors_of(path)
    assert not mark.exists()
    with pytest.raises(DataError, match=r"asks for '.*Linear'"):
        tensors_of(written(nn.Linear(2, 2), tmp_path / "net.pth", new=new))


def test_damage_is_told(tmp_path: Path, new: bool) -> None:
    whole = written({"a": torch.randn(50, 40)}, tmp_path / "w.pth", new=new).read_bytes()
    for cut in (3, 40, len(whole) // 2, len(whole) - 1):
        path = tmp_path / "cut.pth"
        path.write_bytes(whole[:cut])
        with pytest.raises(DataError, match=r"^cut\.pth: "):
            tensors_of(path)


def test_rows_and_views_stay_within_the_file(tmp_path: Path) -> None:
    whole = written({"a": torch.randn(8)}, tmp_path / "w.pth", new=False).read_bytes()
    longer = whole[: len(whole) - 40] + struct.pack("<q", MOST_BYTES) + whole[len(whole) - 32 :]
    (tmp_path / "long.pth").write_bytes(longer)
    with pytest.raises(DataError, match=r"Expected rows within .* values"):
        tensors_of(tmp_path / "long.pth")
    far = torch.randn(8).as_strided((3,), (2,), 1)
    path = written({"a": far}, tmp_path / "view.pth", new=False)
    data = path.read_bytes()
    place = data.index(b"K\x03\x85")  # the shape (3,)
    path.write_bytes(data[: place + 1] + b"\xfa" + data[place + 2 :])
    with pytest.raises(DataError, match="Expected tensors within the 8 values stored"):
        tensors_of(path)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", b"no tensors", b"\x80\x02K\x01."]
)
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^w\.pth: Expected"):
        tensors_of(path)
    with pytest.raises(DataError, match="Expected a file of weights"):
        tensors_of(tmp_path)


def sound(*, new: bool) -> bytes:
    stream = io.BytesIO()
    tensors = {"a": torch.arange(6.0), "b": torch.ones(2, 2).t(), "c": {"d": 1}}
    torch.save(tensors, stream, _use_new_zipfile_serialization=new)
    return stream.getvalue()


SOUND = {new: sound(new=new) for new in (False, True)}
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(CHANGES, st.booleans())
def test_changed_bytes_end_in_tensors_or_a_sentence(changes: list[tuple[float, int]], new: bool) -> None:
    data = bytearray(SOUND[new])
    for place, byte in changes:
        data[int(place * len(data))] = byte
    told = ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "changed.pth")
        path.write_bytes(bytes(data))
        try:
            tensors_of(path)
        except DataError as error:
            told = str(error)
    assert not told or "Expected" in told
