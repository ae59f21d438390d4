"""Boxes, captions and labels of strangers, in files beside pictures."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.corpus.kinds.boxes import LAUGHS, READS, coco_value, voc_text
from tests.hostile.case import Case
from tests.hostile.dropped import dropped

_EITHER = (0, 2)
_MAY: dict[str, Any] = {"exits": _EITHER}
_BOUND = "Expected|samples"
Make = Callable[[Path], Path]


def _beside(files: dict[str, bytes], drop: str = "") -> Make:
    """Two pictures and these files beside them."""

    def make(folder: Path) -> Path:
        place = folder / "set"
        place.mkdir()
        for i in range(2):
            Image.fromarray(np.full((16, 20, 3), 90 * i, np.uint8)).save(place / f"{i}.png")
        for name, data in files.items():
            (place / name).write_bytes(data)
        return place / drop

    return make


def _boxes() -> list[Case]:
    rule = "boxes of strangers"
    deep = b'{"images": [], "annotations": ' + b"[" * 200_000 + b', "bbox": 1}'
    far = str(coco_value("{i}.png", range(2))).replace("'", '"').replace("[", "[[" * 500, 1).encode()
    tags = b"<annotation>" + b"<object>" * 500_000
    head = "file,xmin,ymin,xmax,ymax,class\n"
    many = (head + "0.png,1,1,5,5,cat\n1.png,2,2,3,3,cat\n" * 200_000).encode()
    odd = (head + "0.png,1,1,1e308,1e308,a\n1.png,nan,inf,-inf,5,a\n1.png,1,1,5,5,\0\n" * 3).encode()
    wide = ("0 " + "0.5 " * 400_000).encode()
    return [
        dropped(rule, "200,000 lists within each other", _beside({"a.json": deep}), _BOUND, **_MAY),
        dropped(rule, "JSON of odd lists", _beside({"a.json": far}), _BOUND, **_MAY),
        dropped(
            rule,
            "entities that unfold a billion times",
            _beside({"0.xml": LAUGHS.encode(), "1.xml": voc_text(1, [(1, 1, 5, 5, "cat")]).encode()}),
            "document type",
            exits=_EITHER,
            is_quick=True,
        ),
        dropped(
            rule, "an entity of the system", _beside({"0.xml": READS.encode()}), "^(?!.*root:)",
            exits=_EITHER,
        ),
        dropped(rule, "half a million tags", _beside({"0.xml": tags, "1.xml": tags}), _BOUND, **_MAY),
        dropped(rule, "400,000 boxes", _beside({"a.csv": many}), "samples", exits=(0,), seconds=40.0),
        dropped(rule, "numbers without end", _beside({"a.csv": odd}), _BOUND, **_MAY),
        dropped(rule, "a very long line", _beside({f"{i}.txt": wide for i in (0, 1)}), _BOUND, **_MAY),
    ]  # fmt: skip


def _captions() -> list[Case]:
    rule = "captions of strangers"
    zeros = b"image,caption\n0.png,a cat on a mat\n1.png,\0\0 a dog \0 in the fog\n" * 3
    long = b"image,caption\n0.png,a cat on a mat\n1.png,a dog" + b" in the fog" * 800_000 + b"\n"
    out = b'{"file_name": "../../../etc/passwd", "text": "a cat on a mat"}\n' * 40
    deep = b'{"file_name": "0.png", "text": ' + b"[" * 100_000 + b"}\n"
    return [
        dropped(rule, "zero characters", _beside({"captions.txt": zeros}), _BOUND, **_MAY),
        dropped(rule, "a caption of 8,800,000 characters", _beside({"captions.txt": long}), _BOUND, **_MAY,
                seconds=30.0),
        dropped(rule, "paths out of the folder", _beside({"a.jsonl": out}, "a.jsonl"), _BOUND, **_MAY),
        dropped(rule, "lists within lists", _beside({"a.jsonl": deep}, "a.jsonl"), _BOUND, **_MAY,
                is_quick=True),
    ]  # fmt: skip


def _png(width: int, height: int, rows: int) -> bytes:
    """A grey PNG whose header says these sizes and that has so many rows of zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 + width)) for _ in range(rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _sheet(picture: bytes, labels: bytes, name: str = "labels.json") -> Make:
    def make(folder: Path) -> Path:
        place = folder / "sheet"
        place.mkdir()
        (place / "images.png").write_bytes(picture)
        (place / name).write_bytes(labels)
        return place

    return make


def _sheets() -> list[Case]:
    rule = "sheets of strangers"
    small = _png(16, 50, 50)
    labels = str([i % 3 for i in range(50)]).encode()
    vast = _png(10_000, 10_000, 10_000)
    many = str([1] * 9_999 + [2]).replace(" ", "").encode()
    lying = _png(16, 5_000_000, 10)
    return [
        dropped(rule, "100 megapixels of zeros", _sheet(vast, many), _BOUND, **_MAY, seconds=30.0),
        dropped(rule, "a header of 5,000,000 rows", _sheet(lying, labels), _BOUND, **_MAY, is_quick=True),
        dropped(rule, "labels within each other", _sheet(small, b"[" * 100_000), _BOUND, **_MAY),
        dropped(rule, "labels of zero characters", _sheet(small, bytes(50)), _BOUND, **_MAY),
        dropped(rule, "bytes of no labels", _sheet(small, b"\xff" * 4999, "labels.bin"), _BOUND, **_MAY),
    ]


CASES = (*_boxes(), *_captions(), *_sheets())
