"""Pictures of every format that is read, decoded as a set of pictures decodes them."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

from PIL import Image, PngImagePlugin

from nodes.reading.picture import open_picture
from nodes.reading.picture.pixels import to_array
from tests.hostile import made_pictures as made
from tests.hostile.fuzz import Reader, mutated


def _seeds(folder: Path) -> list[Path]:
    """Small pictures in all six formats, in several modes and packings, some with EXIF data."""
    colours = Image.radial_gradient("L").resize((19, 13)).convert("RGB")
    grey, palette, clear = colours.convert("L"), colours.convert("P"), colours.convert("RGBA")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "a maker of cameras", 72.0
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "words " * 20, zip=True)
    pictures = {
        "rgb.png": (colours, {"exif": exif, "pnginfo": text, "icc_profile": b"profile" * 9}),
        "palette.png": (palette, {"transparency": bytes(range(40))}),
        "deep.png": (grey.convert("I;16"), {}),
        "animated.png": (colours, {"save_all": True, "append_images": [colours.rotate(90)]}),
        "rgb.jpg": (colours, {"exif": exif, "comment": "words"}),
        "progressive.jpeg": (clear.convert("CMYK"), {"progressive": True}),
        "lossy.webp": (colours, {"exif": exif}),
        "lossless.webp": (clear, {"lossless": True}),
        "animated.webp": (clear, {"save_all": True, "append_images": [clear.rotate(90)], "exif": exif}),
        "plain.tif": (colours, {"tiffinfo": {0x0112: 6}}),
        "bits.tiff": (grey.convert("1"), {"compression": "group4"}),
        **{
            f"{packing}.tif": (colours, {"compression": packing})
            for packing in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
        },
        "big.tif": (grey.convert("F"), {"big_tiff": True}),
        "rgb.bmp": (colours, {}),
        "palette.bmp": (palette, {}),
        "palette.gif": (palette, {}),
        "animated.gif": (
            palette,
            {"save_all": True, "append_images": [palette.rotate(90)], "comment": b"words"},
        ),
    }  # fmt: skip
    for name, (picture, options) in pictures.items():
        picture.save(folder / name, **options)
    (folder / "tiles.tif").write_bytes(_tiled())
    return [*(folder / name for name in pictures), folder / "tiles.tif"]


def _tiled() -> bytes:
    """A grey TIFF of 19 × 13 pixels in two packed tiles of 16 × 16."""
    tile = zlib.compress(bytes(range(256)))
    places = struct.pack("<4I", 400, 400, len(tile), len(tile))
    tags = ((259, 3, 1, 8), (322, 4, 1, 16), (323, 4, 1, 16), (324, 4, 2, 300), (325, 4, 2, 308))
    data = made.tiff(*tags, width=19, height=13).replace(
        struct.pack("<HHI", 273, 4, 1), b"\xff\xff\4\0\1\0\0\0"
    )
    return data.ljust(300, b"\0") + places.ljust(100, b"\0") + tile


def _mutated(data: bytes, chance: random.Random) -> bytes:
    """As any other file; the checksums of a PNG are often right again, so that more than those is tried."""
    found = mutated(data, chance)
    return _with_checksums(found) if chance.random() < 0.7 else found


def _with_checksums(data: bytes) -> bytes:
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    parts, place = [data[:8]], 8
    while place + 12 <= len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        if place + 12 + size > len(data):
            break
        parts.append(made.chunk(data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += 12 + size
    return b"".join(parts) + data[place:]


def _read(path: Path) -> object:
    found = open_picture.header(path)
    mode = "L" if found.channels == 1 else "RGB"
    with open_picture.decoded(path, mode, (8, 8)) as picture:
        return to_array(picture, "crop", found.channels, (8, 8))


READERS = (Reader("pictures", _seeds, _read, mutate=_mutated),)
