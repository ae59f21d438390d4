"""Pictures of every format that is read, decoded as a set of pictures decodes them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, PngImagePlugin

from nodes.reading.picture import open_picture
from nodes.reading.picture.pixels import to_array
from tests.hostile.fuzz import Reader


def _seeds(folder: Path) -> list[Path]:
    """Small pictures in all six formats, in several modes and packings, some with EXIF data."""
    colours = Image.radial_gradient("L").resize((19, 13)).convert("RGB")
    grey, palette, clear = colours.convert("L"), colours.convert("P"), colours.convert("RGBA")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = 6, "a maker of cameras", 72.0
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "words " * 20, zip=True)
    made = {
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
    for name, (picture, options) in made.items():
        picture.save(folder / name, **options)
    return [folder / name for name in made]


def _read(path: Path) -> object:
    found = open_picture.header(path)
    mode = "L" if found.channels == 1 else "RGB"
    with open_picture.decoded(path, mode, (8, 8)) as picture:
        return to_array(picture, "crop", found.channels, (8, 8))


READERS = (Reader("pictures", _seeds, _read),)
