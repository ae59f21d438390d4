"""Reads the tensors of a file that `torch.save` wrote, old or new, without running anything in it.

Such a file is a program for Python's unpickler. Here it is only looked at: its steps are gone through one by
one, those that build dictionaries, lists, numbers and tensors are followed, and whatever else it asks for is
refused by name. Nothing is imported and nothing is called.
"""

from __future__ import annotations

import pickletools
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nodes.reading.error import DataError
from nodes.regular_file import NotRegularFileError, require_regular
from nodes.shown_text import quoted

MOST_BYTES = 2 << 30
"""The largest file that is read."""
MOST_STEPS = 2_000_000
"""The most steps of one program that are followed."""
MAGIC = 0x1950A86A20F9469CFC6C
"""The number that an old file begins with."""
TYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


class StoredValues(NamedTuple):
    """A row of numbers in the file, by its key."""

    key: str
    kind: str
    size: int


class StoredTensor(NamedTuple):
    """A tensor as a view of a row of numbers, in values, not bytes."""

    values: StoredValues
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Named(NamedTuple):
    """Something of Python's that the file names, which is never looked up."""

    name: str


_MARK = object()
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
)
"""What comes of bytes that are damaged."""
_KNOWN = ("collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter")


def tensors_of(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a file by name, in its order. Raises `DataError`."""
    try:
        require_regular(path)
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise DataError(
                f"{path.name}: Expected at most {MOST_BYTES:,} bytes of weights. Received {size:,}."
            )
        if zipfile.is_zipfile(path):
            found, rows = _of_archive(path)
        else:
            found, rows = _of_stream(path.read_bytes())
        return {name: _array(tensor, rows) for name, tensor in _flat(found).items()}
    except NotRegularFileError as error:
        raise DataError(f"{path.name}: Expected a file of weights. Received {error}.") from error
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from error
    except _BROKEN as error:
        raise DataError(f"{path.name}: Expected a whole file of weights. Received: {error}.") from error


def _of_stream(data: bytes) -> tuple[object, Mapping[str, bytes]]:
    """What an old file holds, and its rows of numbers by key."""
    stream = BytesIO(data)
    if _followed(stream) != MAGIC:
        raise DataError("Expected tensors as torch.save writes them. Received other bytes.")
    _followed(stream)  # the version of the format
    _followed(stream)  # of the machine that wrote it
    found, keys = _followed(stream), _followed(stream)
    if not isinstance(keys, list):
        raise DataError("Expected a list of what is stored. Received something else.")
    kinds = {tensor.values.key: tensor.values.kind for tensor in _flat(found).values()}
    rows: dict[str, bytes] = {}
    for key in keys:
        (count,) = struct.unpack("<q", stream.read(8))
        size = np.dtype(TYPES[kinds[key]]).itemsize
        if not 0 <= count <= len(data) // size:
            raise DataError(f"Expected rows within {len(data):,} bytes. Received one of {count:,} values.")
        rows[key] = stream.read(count * size)
    return found, rows


def _of_archive(path: Path) -> tuple[object, Mapping[str, bytes]]:
    """What a file of today holds: a ZIP archive with a program and a member for each row of numbers."""
    with zipfile.ZipFile(path) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in infos.values()) > MOST_BYTES:
            raise DataError(f"Expected at most {MOST_BYTES:,} bytes of weights. Received more.")
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos.values()):
            raise DataError("Expected numbers as they are, as torch.save writes them. Received packed ones.")
        program = next((name for name in infos if name.endswith("/data.pkl")), None)
        if program is None:
            raise DataError("Expected tensors as torch.save writes them. Received another archive.")
        home = program.removesuffix("data.pkl")
        if infos.get(f"{home}byteorder") and archive.read(f"{home}byteorder") != b"little":
            raise DataError("Expected numbers with the low byte first. Received the high one first.")
        found = _followed(BytesIO(archive.read(program)))
        keys = {tensor.values.key for tensor in _flat(found).values()}
        return found, {key: archive.read(f"{home}data/{key}") for key in keys}


def _flat(found: object) -> dict[str, StoredTensor]:
    """The tensors by name; those of a checkpoint stand in its entry `state_dict`."""
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict):
        raise DataError("Expected tensors by name. Received something else.")
    tensors = {str(name): one for name, one in found.items() if isinstance(one, StoredTensor)}
    if not tensors:
        raise DataError("Expected tensors by name. Received none.")
    return tensors


def _array(tensor: StoredTensor, rows: Mapping[str, bytes]) -> NDArray[Any]:
    values = np.frombuffer(rows[tensor.values.key], TYPES[tensor.values.kind])
    shape, strides = tensor.shape, tensor.strides
    sound = len(shape) == len(strides) and min((*shape, *strides, tensor.offset), default=0) >= 0
    last = tensor.offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=False))
    is_empty, count = 0 in shape, 1
    for size in shape:
        count *= size
    if count * values.dtype.itemsize > MOST_BYTES:
        raise DataError(
            f"Expected tensors of at most {MOST_BYTES:,} bytes. Received one of {count:,} values."
        )
    if not sound or (not is_empty and last >= len(values)):
        raise DataError(f"Expected tensors within the {len(values):,} values stored. Received {shape}.")
    if is_empty:
        return np.zeros(shape, values.dtype)
    steps = [step * values.dtype.itemsize for step in strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset :], shape, steps).copy()


# The program ---------------------------------------------------------------------------------------------


@dataclass
class _Machine:
    """What the steps of a program work on."""

    stack: list[Any]
    kept: dict[int, Any]

    def above_mark(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        place = max(i for i, one in enumerate(self.stack) if one is _MARK)
        items = self.stack[place + 1 :]
        del self.stack[place:]
        return items


def _followed(stream: BytesIO) -> Any:
    """What the next program in this stream builds."""
    machine = _Machine([], {})
    for step, (operation, argument, _) in enumerate(pickletools.genops(stream)):
        if step >= MOST_STEPS:
            raise DataError(f"Expected at most {MOST_STEPS:,} steps. Received more.")
        if operation.name == "STOP":
            return machine.stack.pop()
        if operation.name in ("PROTO", "FRAME"):
            continue
        if operation.name in _PUSHED:
            machine.stack.append(argument)
        elif operation.name in _STEPS:
            _STEPS[operation.name](machine, argument)
        else:
            raise _refused(operation.name)
    raise DataError("Expected a whole program. Received one without an end.")


def _refused(what: str) -> DataError:
    return DataError(f"Expected tensors alone. Received what asks for {quoted(what)}, which is not followed.")


_PUSHED = frozenset(
    (
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT", "INT", "LONG"),
        *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING"),
    )
)


def _named(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    if argument not in _KNOWN and not (module == "torch" and name in TYPES):
        raise _refused(f"{module}.{name}")
    machine.stack.append(Named(argument))


def _called(machine: _Machine, _: object) -> None:
    given, what = machine.stack.pop(), machine.stack.pop()
    if not isinstance(what, Named) or not isinstance(given, tuple):
        raise _refused("a call of something that it made")
    if what.name == "collections OrderedDict" and given in ((), ([],)):
        machine.stack.append({})
    elif what.name.endswith("_rebuild_tensor_v2") and isinstance(given[0], StoredValues):
        offset, shape, strides = given[1:4]
        machine.stack.append(
            StoredTensor(given[0], int(offset), tuple(map(int, shape)), tuple(map(int, strides)))
        )
    elif what.name.endswith("_rebuild_parameter") and isinstance(given[0], StoredTensor):
        machine.stack.append(given[0])
    else:
        raise _refused(what.name)


def _stored(machine: _Machine, _: object) -> None:
    """A row of numbers: ("storage", its type, key, device, count)."""
    given = machine.stack.pop()
    if (
        not isinstance(given, tuple)
        or len(given) < 5
        or given[0] != "storage"
        or not isinstance(given[1], Named)
    ):
        raise _refused("an object that is stored elsewhere")
    machine.stack.append(StoredValues(str(given[2]), given[1].name.partition(" ")[2], int(given[4])))


def _kept(machine: _Machine, place: int | None) -> None:
    machine.kept[len(machine.kept) if place is None else place] = machine.stack[-1]


def _tuple(count: int | None) -> Callable[[_Machine, object], None]:
    def made(machine: _Machine, _: object) -> None:
        items = machine.above_mark() if count is None else machine.stack[len(machine.stack) - count :]
        if count:
            del machine.stack[-count:]
        machine.stack.append(tuple(items))

    return made


def _entered(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, dict):
        raise _refused("entries of something that is no dictionary")
    target.update(zip(items[::2], items[1::2], strict=True))


def _added(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not isinstance(target, list):
        raise _refused("items of something that is no list")
    target.extend(items)


def _built(machine: _Machine, _: object) -> None:
    """Attributes, such as the versions beside a state dict: left out."""
    machine.stack.pop()
    if not isinstance(machine.stack[-1], dict):
        raise _refused("attributes of an object")


_STEPS: Mapping[str, Callable[[_Machine, Any], None]] = {
    "MARK": lambda machine, _: machine.stack.append(_MARK),
    "NONE": lambda machine, _: machine.stack.append(None),
    "NEWTRUE": lambda machine, _: machine.stack.append(True),
    "NEWFALSE": lambda machine, _: machine.stack.append(False),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "TUPLE": _tuple(None),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "BINPUT": _kept,
    "LONG_BINPUT": _kept,
    "MEMOIZE": _kept,
    "BINGET": lambda machine, place: machine.stack.append(machine.kept[place]),
    "LONG_BINGET": lambda machine, place: machine.stack.append(machine.kept[place]),
    "GLOBAL": _named,
    "REDUCE": _called,
    "BINPERSID": _stored,
    "SETITEM": lambda machine, _: _entered(machine, [machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine, _: _entered(machine, machine.above_mark()),
    "APPEND": lambda machine, _: _added(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine, _: _added(machine, machine.above_mark()),
    "BUILD": _built,
}
