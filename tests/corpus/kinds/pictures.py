"""Pictures in folders of classes: every mode, depth and format, and files that are not what they say."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected, chance

HEIGHT, WIDTH, EACH = 8, 10, 4
CLASSES = ("cat", "dog")
Make = Callable[[np.ndarray], Image.Image]


def grey(index: int) -> np.ndarray:
    """A picture `(H, W)` of uint8: a ramp, brighter for a larger index, so that samples have an order."""
    ramp = np.linspace(0, 60, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    return (ramp + 20 * index).astype(np.uint8)


def colour(index: int) -> np.ndarray:
    """A picture `(H, W, 3)` of uint8 whose channels differ."""
    one = grey(index)
    return np.stack([one, one[::-1], np.full_like(one, 10 * index)], axis=2)


def classes_of(
    folder: Path, save: Callable[[int, Path], object], ending: str, names: Sequence[str] = CLASSES
) -> Path:
    """A folder with a folder for each class, four pictures in each, numbered through."""
    for label, name in enumerate(names):
        for i in range(EACH):
            path = folder / "pictures" / name / f"{i}{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            save(label * EACH + i, path)
    return folder / "pictures"


def saved(make: Callable[[int], Image.Image], ending: str, **options: Any) -> Callable[[Path], Path]:
    """Writes a folder of classes with these pictures."""
    return lambda folder: classes_of(folder, lambda i, path: make(i).save(path, **options), ending)


def right(images: Sequence[np.ndarray], tolerance: float = 1e-5, **more: Any) -> Expected:
    """Two classes of these pictures, `(H, W)` or `(H, W, C)`."""
    stacked = np.stack([one[None] if one.ndim == 2 else np.moveaxis(one, 2, 0) for one in images])
    return Expected(
        kind="images",
        samples=len(images),
        shape=stacked.shape[1:],
        classes=CLASSES,
        inputs=stacked,
        targets=np.repeat([0, 1], EACH),
        tolerance=tolerance,
        **more,
    )


GREYS = [grey(i) for i in range(2 * EACH)]
COLOURS = [colour(i) for i in range(2 * EACH)]


def _flat(index: int) -> Image.Image:
    return Image.fromarray(grey(index))


def _rgb(index: int) -> Image.Image:
    return Image.fromarray(colour(index))


def _palette(index: int) -> Image.Image:
    """At most 256 colours, so that nothing is lost."""
    return _rgb(index).quantize(256, dither=Image.Dither.NONE)


def _alpha(index: int, mode: str) -> Image.Image:
    """A dark drawing on a ground that one sees through, which holds black."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[2:6, 1 : 2 + index] = 255
    image = Image.fromarray(np.dstack([np.zeros((HEIGHT, WIDTH, 3), np.uint8), mask]))
    return image if mode == "RGBA" else image.convert(mode)


def _on_white(index: int) -> np.ndarray:
    found = np.full((HEIGHT, WIDTH), 255, np.uint8)
    found[2:6, 1 : 2 + index] = 0
    return found


def _palette_alpha(index: int) -> Image.Image:
    """A palette whose first colour is seen through."""
    image = Image.fromarray((_on_white(index) == 0).astype(np.uint8), "P")
    image.putpalette([0, 0, 0, 0, 0, 0])
    image.info["transparency"] = 0
    return image


def _plain() -> list[Case]:
    rule, rgb3 = "picture modes", [np.dstack([one] * 3) for one in map(_on_white, range(2 * EACH))]
    bits = [np.where(one > 100, 255, 0).astype(np.uint8) for one in GREYS]
    found = [
        Case(rule, "grey PNG", saved(_flat, ".png"), right(GREYS), is_quick=True),
        Case(rule, "RGB PNG", saved(_rgb, ".png"), right(COLOURS)),
        Case(rule, "palette PNG", saved(_palette, ".png"), right(COLOURS, 0.05)),
        Case(
            rule, "one bit PNG", saved(lambda i: Image.fromarray(bits[i]).convert("1"), ".png"), right(bits)
        ),
        Case(rule, "RGBA PNG", saved(lambda i: _alpha(i, "RGBA"), ".png"), right(rgb3), is_quick=True),
        Case(
            rule, "LA PNG", saved(lambda i: _alpha(i, "LA"), ".png"), right([_on_white(i) for i in range(8)])
        ),
        Case(
            rule,
            "palette PNG with a colour seen through",
            saved(_palette_alpha, ".png", transparency=0),
            right(rgb3),
        ),
        Case(
            rule,
            "RGBA WebP",
            saved(lambda i: _alpha(i, "RGBA"), ".webp", lossless=True, exact=True),
            right(rgb3),
        ),
        Case(rule, "RGBA TIFF", saved(lambda i: _alpha(i, "RGBA"), ".tif"), right(rgb3)),
        Case(rule, "grey JPEG", saved(_flat, ".jpg", quality=98), right(GREYS, 6)),
        Case(rule, "RGB JPEG", saved(_rgb, ".jpeg", quality=98, subsampling=0), right(COLOURS, 6)),
        Case(
            rule, "CMYK JPEG", saved(lambda i: _rgb(i).convert("CMYK"), ".jpg", quality=98), right(COLOURS, 8)
        ),
        Case(rule, "CMYK TIFF", saved(lambda i: _rgb(i).convert("CMYK"), ".tiff"), right(COLOURS, 8)),
        Case(rule, "RGB WebP", saved(_rgb, ".webp", lossless=True), right(COLOURS)),
        Case(rule, "grey BMP", saved(_flat, ".bmp"), right(GREYS)),
        Case(rule, "RGB BMP", saved(_rgb, ".bmp"), right(COLOURS)),
        Case(rule, "GIF", saved(_palette, ".gif"), right(COLOURS, 0.05)),
        Case(rule, "RGB TIFF, packed by LZW", saved(_rgb, ".tif", compression="tiff_lzw"), right(COLOURS)),
        Case(rule, "grey TIFF", saved(_flat, ".tiff"), right(GREYS)),
    ]
    for ending in (".PNG", ".JPG", ".jfif", ".JPEG", ".Tif"):
        form = {"jfif": "JPEG"}.get(ending[1:])
        lossy = ending.lower() in (".jpg", ".jfif", ".jpeg")
        options = {"format": form or ("JPEG" if lossy else "TIFF" if ending == ".Tif" else "PNG")}
        found.append(
            Case(
                "picture endings", ending, saved(_flat, ending, **options), right(GREYS, 6 if lossy else 1e-5)
            )
        )
    return found


def _deep() -> list[Case]:
    rule = "picture depths"
    deep = [one.astype(np.uint16) * 257 for one in GREYS]

    def tiff(values: Callable[[int], np.ndarray]) -> Callable[[Path], Path]:
        return saved(lambda i: Image.fromarray(values(i)), ".tif")

    def deep12(i: int) -> Image.Image:
        return Image.fromarray(GREYS[i].astype(np.uint16) * 16)

    def same(level: float) -> Callable[[int], np.ndarray]:
        return lambda i: np.full((HEIGHT, WIDTH), level, np.uint8)

    dark = "(?i)16|deep|bit|range|dark"
    return [
        Case(
            rule,
            "16-bit PNG",
            saved(lambda i: Image.fromarray(deep[i]), ".png"),
            right(GREYS, 1.01),
            is_quick=True,
        ),
        Case(rule, "16-bit TIFF", tiff(lambda i: deep[i]), right(GREYS, 1.01)),
        Case(
            rule,
            "12 bits in 16-bit PNG",
            saved(deep12, ".png"),
            right(GREYS, 1.01, or_told=dark, told=["(?i)16|4095|4,095|bit"]),
        ),
        Case(
            rule,
            "float TIFF from 0 to 1",
            tiff(lambda i: (GREYS[i] / 255).astype("f4")),
            Expected(
                samples=8,
                shape=(1, HEIGHT, WIDTH),
                classes=CLASSES,
                told=["(?i)float|range|32"],
                or_told=r"(?i)pictures/.*(float|32)",
            ),
        ),
        Case(
            rule,
            "float TIFF from 0 to 255",
            tiff(lambda i: GREYS[i].astype("f4")),
            Expected(
                samples=8,
                shape=(1, HEIGHT, WIDTH),
                classes=CLASSES,
                told=["(?i)float|range|32"],
                or_told=r"(?i)pictures/.*(float|32)",
            ),
        ),
        Case(
            rule,
            "32-bit TIFF",
            tiff(lambda i: GREYS[i].astype("i4") * 1000),
            Expected(samples=8, or_told=r"(?i)pictures/.*32|range"),
        ),
        Case(
            rule,
            "all pictures are the same",
            saved(lambda i: Image.fromarray(same(255)(i)), ".png"),
            Expected(samples=8, told=["(?i)same|alike|one value|identical"]),
        ),
    ]


def _turned() -> list[Case]:
    found = []
    for orientation in (1, 3, 6, 8):
        turns = {1: 0, 3: 2, 6: 3, 8: 1}[orientation]
        turned = [np.rot90(one, turns) for one in COLOURS]

        def save(i: int, path: Path, orientation: int = orientation) -> None:
            exif = Image.Exif()
            exif[0x0112] = orientation
            _rgb(i).save(path, quality=98, subsampling=0, exif=exif)

        found.append(
            Case(
                "picture turned",
                f"EXIF orientation {orientation}",
                lambda folder, save=save: classes_of(folder, save, ".jpg"),
                right(turned, 6),
            )
        )

    def pages(i: int, path: Path) -> None:
        _rgb(i).save(path, save_all=True, append_images=[_rgb(7 - i), _rgb(0)])

    def moving(i: int, path: Path) -> None:
        _palette(i).save(path, save_all=True, append_images=[_palette(7 - i)], duration=100)

    several = "(?i)page|frame|first|several"
    for name, save, ending in (("TIFF of three pages", pages, ".tif"), ("GIF that moves", moving, ".gif")):
        want = right(COLOURS, 0.05, told=[several])
        found.append(
            Case("picture turned", name, lambda folder, s=save, e=ending: classes_of(folder, s, e), want)
        )
    return found


def _broken() -> list[Case]:
    """One file among eight is not what it says: it is named and the others are read."""
    png = io.BytesIO()
    _rgb(3).save(png, "PNG")
    whole = png.getvalue()
    huge = whole.replace(whole[16:24], bytes([0, 1, 0, 0, 0, 1, 0, 0]))
    bad = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "text": b"not a picture, but some words of text\n" * 9,
        "zeros": bytes(5000),
        "a web page": b"<!DOCTYPE html><html>404</html>",
        "a damaged block": whole[:60] + bytes(20) + whole[80:],
        "sizes that lie": huge,
        "a pointer of a version store": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>',
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0" + bytes(500),
    }
    found = []
    for name, data in bad.items():

        def make(folder: Path, data: bytes = data) -> Path:
            path = classes_of(folder, lambda i, path: _rgb(i).save(path), ".png")
            (path / "dog" / "9.png").write_bytes(data)
            return path

        want = right(COLOURS, told=[r"dog/9\.png"])
        found.append(Case("pictures broken", name, make, want, is_quick=name == "cut"))

    def other(folder: Path) -> Path:
        return classes_of(folder, lambda i, path: _rgb(i).save(path, "PNG"), ".jpg")

    def all_bad(folder: Path) -> Path:
        return classes_of(folder, lambda i, path: path.write_bytes(b"words"), ".png")

    found.append(Case("pictures broken", "PNG with the ending .jpg", other, right(COLOURS)))
    found.append(Case("pictures broken", "none can be read", all_bad, Expected(refused="pictures")))
    return found


def _sizes() -> list[Case]:
    def mixed(i: int) -> Image.Image:
        return _rgb(i).resize((10 + i, 8 + 2 * (i % 3)))

    def modes(i: int) -> Image.Image:
        return _flat(i) if i % 2 else _rgb(i)

    def first_grey(i: int) -> Image.Image:
        return _rgb(i) if i else _flat(i)

    want = Expected(samples=8, classes=CLASSES, told=[r"(?i)size.*(10|8)|different sizes|sizes"])
    grey_and_rgb = Expected(samples=8, classes=CLASSES, told=["(?i)grey|gray|channel|colour"])
    return [
        Case("picture sizes", "of eight sizes", saved(mixed, ".png"), want),
        Case("picture sizes", "grey and coloured in turn", saved(modes, ".png"), grey_and_rgb),
        Case("picture sizes", "the first alone is grey", saved(first_grey, ".png"), grey_and_rgb),
        Case(
            "picture sizes",
            "one pixel",
            saved(lambda i: _flat(i).resize((1, 1)), ".png"),
            Expected(samples=8, shape=(1, 1, 1)),
        ),
    ]


def noise(index: int, *sizes: int) -> np.ndarray:
    """Bytes without a pattern."""
    return chance("noise", index).integers(0, 256, sizes).astype(np.uint8)


CASES = (*_plain(), *_deep(), *_turned(), *_broken(), *_sizes())
