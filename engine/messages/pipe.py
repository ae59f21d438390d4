"""Messages between a run in a process of its own and the process that watches it: what they say and their
bytes.

Each message is its length (four bytes) and MessagePack; arrays travel as their type, shape and bytes. No
code travels.
"""

from __future__ import annotations

import math
from typing import Any, BinaryIO

import msgspec
import numpy as np

from engine.document.project import Project
from engine.messages.commands import RunCommand
from engine.messages.events import (
    Finished,
    LearningRateSet,
    LensFrame,
    Paused,
    Progress,
    Reading,
    Resumed,
    Started,
    Warned,
)

LARGEST = 256 << 20
"""Bytes of one message at most; a longer one is refused on both sides."""
ARRAY = 1
"""How MessagePack marks an array here."""
KINDS = "biufcU"
"""Kinds of numpy numbers and texts that may travel; objects may not."""


class BrokenPipeMessageError(ValueError):
    """What came is no message."""


class Begin(msgspec.Struct, frozen=True, tag_field="command", tag="begin"):
    """The first message: what to run, where its files go, and what else a run is given by name.

    `keeps`: the folder stays after the run. None: what was not given.
    """

    project: Project
    folder: str
    keeps: bool
    device: str | None
    seed: int | None
    epochs: int | None
    steps: int | None
    more: dict[str, str]


class FramesSeen(msgspec.Struct, frozen=True, tag_field="command", tag="seen"):
    """The frames of the last look have been taken: the next look may be sent."""


Told = Reading | Started | Progress | Warned | LearningRateSet | Paused | Resumed | LensFrame | Finished
"""What the run says through the pipe. A `Progress` comes without its steps and losses: those and validations
are read from the run's folder."""
Message = Begin | FramesSeen | RunCommand


def _encoded(thing: Any) -> Any:
    if isinstance(thing, np.ndarray) and thing.dtype.kind in KINDS:
        head = msgspec.msgpack.encode((thing.dtype.str, thing.shape))
        body = np.ascontiguousarray(thing).tobytes()
        return msgspec.msgpack.Ext(ARRAY, len(head).to_bytes(2, "little") + head + body)
    if isinstance(thing, np.generic):
        return thing.item()
    raise NotImplementedError(f"Expected an array of numbers or texts. Received {type(thing).__name__}.")


def _decoded(code: int, data: memoryview) -> Any:
    if code != ARRAY:
        raise BrokenPipeMessageError(f"Expected an array. Received extension {code}.")
    end = 2 + int.from_bytes(data[:2], "little")
    name, shape = msgspec.msgpack.decode(data[2:end], type=tuple[str, tuple[int, ...]])
    kind = np.dtype(name)
    if kind.kind not in KINDS or math.prod(shape) * kind.itemsize != len(data) - end:
        raise BrokenPipeMessageError(
            f"Expected an array of {name}, {shape}. Received {len(data) - end} bytes."
        )
    if not math.prod(shape):
        return np.empty(shape, kind)
    return np.frombuffer(bytes(data[end:]), kind).reshape(shape)


_encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
_messages = msgspec.msgpack.Decoder(Message, ext_hook=_decoded)
_told = msgspec.msgpack.Decoder(Told, ext_hook=_decoded)


def packed(message: Message | Told) -> bytes:
    """The bytes of a message. Raises ValueError where it is larger than `LARGEST` or no text is in it."""
    try:
        body = _encoder.encode(message)
    except UnicodeEncodeError as error:
        raise ValueError(
            f"Expected names of files that are text (UTF-8). Received {str(error.object)!r}"
        ) from error
    if len(body) > LARGEST:
        raise ValueError(f"Expected a message of at most {LARGEST:,} bytes. Received {len(body):,}.")
    return len(body).to_bytes(4, "little") + body


def read_message(stream: BinaryIO) -> Message | None:
    """The next message to a run; None where the other end is closed. Raises `BrokenPipeMessageError`."""
    body = _body(stream)
    return None if body is None else _unpacked(_messages, body)


def read_told(stream: BinaryIO) -> Told | None:
    """What the run says next; None where it has ended. Raises `BrokenPipeMessageError`."""
    body = _body(stream)
    return None if body is None else _unpacked(_told, body)


def _unpacked(decoder: msgspec.msgpack.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, TypeError, ValueError) as error:
        raise BrokenPipeMessageError(f"Expected a message of a run. {error}") from error


def _body(stream: BinaryIO) -> bytes | None:
    head = _exactly(stream, 4)
    if head is None:
        return None
    size = int.from_bytes(head, "little")
    if size > LARGEST:
        raise BrokenPipeMessageError(f"Expected at most {LARGEST:,} bytes. Received {size:,}.")
    return _exactly(stream, size)


def _exactly(stream: BinaryIO, size: int) -> bytes | None:
    """So many bytes; None where the stream ends before them."""
    parts = bytearray()
    while len(parts) < size:
        part = stream.read(min(size - len(parts), 1 << 20))
        if not part:
            return None
        parts += part
    return bytes(parts)
