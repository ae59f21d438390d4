"""A process that decodes pictures until its input ends, or nobody has asked for a while.

    python -m nodes.reading.picture.apart.worker BYTES

BYTES is the memory that one picture may take here.
"""

from __future__ import annotations

import os
import select
import sys
from typing import BinaryIO

import msgspec

from nodes.reading.picture import open_picture
from nodes.reading.picture.apart.messages import READY, Answered, Wanted, decode, read, write
from nodes.reading.picture.open_picture import NoMemoryHereError
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.picture.pixels import Pixels
from nodes.shared.card_label import by

IDLE = 60.0
"""Seconds without a question after which it ends."""


def main(arguments: list[str]) -> int:
    open_picture.bound_memory(int(arguments[0]))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    asked = msgspec.msgpack.Decoder(Wanted)
    write(out, READY)
    out.flush()
    while _is_asked(source):
        try:
            wanted = asked.decode(read(source))
        except EOFError:
            break
        reasons, pictures = answered(wanted)
        write(out, msgspec.msgpack.encode(Answered(reasons)))
        for picture in pictures:
            out.write(picture.tobytes())
        out.flush()
    return 0


def answered(wanted: Wanted) -> tuple[list[str | None], list[Pixels]]:
    """Why pictures could not be decoded, and the others."""
    reasons: list[str | None] = []
    pictures: list[Pixels] = []
    for path in wanted.paths:
        try:
            picture = decode(path, wanted.sample, wanted.fit, wanted.rules)
            if picture.shape != wanted.sample:  # its bytes would be taken for those of another
                raise PictureError(f"it became {by(picture.shape)} instead of {by(wanted.sample)}")
            pictures.append(picture)
            reasons.append(None)
        except NoMemoryHereError:
            reasons.append("")
        except PictureError as error:
            reasons.append(str(error) or "it cannot be decoded")
    return reasons, pictures


def _is_asked(source: BinaryIO) -> bool:
    """Whether there is a question, or the end of all, before it was idle for long."""
    if os.name == "nt":  # pipes cannot be waited for there
        return True
    return bool(select.select([source], [], [], IDLE)[0])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
