"""Pictures are opened in six formats and within bounds; whatever is wrong with one is a reason."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps, PngImagePlugin

from nodes.reading.picture import open_picture
from nodes.reading.picture.picture_formats import PictureError, Scans
from tests.hostile import made_pictures as made
from tests.hostile.watched import watched

SIX = {
    "PNG": {},
    "JPEG": {"quality": 95},
    "WEBP": {"lossless": True},
    "TIFF": {"compression": "tiff_lzw"},
    "BMP": {},
    "GIF": {},
}


def decoded(path: Path, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> np.ndarray:
    with open_picture.decoded(path, mode, size) as picture:
        return np.asarray(picture)


def reason(path: Path) -> str:
    with pytest.raises(PictureError) as refused:
        decoded(path)
    return str(refused.value)


@pytest.mark.parametrize("form", SIX)
def test_every_format_is_read_whatever_its_name(form: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(made.packed(made.dots(9, 7), form, **SIX[form]))
    with Image.open(path) as expected:
        assert (decoded(path) == np.asarray(expected.convert("RGB"))).all()
    assert open_picture.header(path) == open_picture.Header(3, 7, 9)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_stand_upright(form: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        path.write_bytes(made.packed(made.dots(9, 7), form, exif=exif))
        with Image.open(path) as picture:
            expected = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        assert (decoded(path) == expected).all(), orientation
        found = open_picture.header(path)
        assert (found.height, found.width) == expected.shape[:2], orientation


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_of_16_bits_the_upper_half_is_taken(form: str, tmp_path: Path) -> None:
    deep = np.array([[0, 255, 256], [0x1234, 0x8000, 0xFFFF]], np.uint16)
    path = tmp_path / "picture"
    path.write_bytes(made.packed(Image.fromarray(deep), form))
    assert decoded(path, "L").tolist() == [[0, 0, 1], [0x12, 0x80, 0xFF]]
    assert decoded(path, "RGB")[1].tolist() == [[0x12] * 3, [0x80] * 3, [0xFF] * 3]
    assert open_picture.header(path) == open_picture.Header(1, 2, 3)


@pytest.mark.parametrize(
    ("numbers", "grey"),
    [
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 100.0, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[-1.0, 0.0, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[-300.0, 0.0, 300.0]], np.float32), [0, 128, 255]),
        (np.array([[0, 1, 1]], np.int32), [0, 255, 255]),
        (np.array([[0, 32768, 65535]], np.int32), [0, 128, 255]),
        (np.full((1, 3), 7.0, np.float32), [0, 0, 0]),
    ],
)
def test_floats_and_32_bits_go_by_the_usual_range_that_holds_them(
    numbers: np.ndarray, grey: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "picture"
    path.write_bytes(made.packed(Image.fromarray(numbers), "TIFF"))
    assert decoded(path, "L").tolist() == [grey]
    assert open_picture.header(path) == open_picture.Header(1, 1, 3)


def test_a_float_picture_with_a_number_that_is_none_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    numbers = np.array([[0.0, np.nan, np.inf]], np.float32)
    path.write_bytes(made.packed(Image.fromarray(numbers), "TIFF"))
    assert reason(path) == "2 of its numbers are NaN or infinite"


def _clear(mode: str) -> Image.Image:
    """A transparent black pixel beside an opaque one, as icons are often saved."""
    picture = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    picture.putpixel((1, 0), (0, 0, 0, 255))
    return picture if mode == "RGBA" else picture.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L by key", "RGB by key"])
@pytest.mark.parametrize("ground", [255, 0, 128])
def test_transparent_pixels_show_the_ground(mode: str, ground: int, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    if mode.endswith("by key"):
        base = Image.new(mode.split()[0], (2, 1), 5 if mode.startswith("L") else (5, 5, 5))
        base.putpixel((1, 0), 0 if mode.startswith("L") else (0, 0, 0))
        path.write_bytes(made.packed(base, "PNG", transparency=5 if mode.startswith("L") else (5, 5, 5)))
    else:
        path.write_bytes(made.packed(_clear(mode), "PNG"))
    rules = open_picture.PixelRules(ground)
    for wanted in ("L", "RGB"):
        with open_picture.decoded(path, wanted, (2, 1), rules) as picture:
            pixels = np.asarray(picture).reshape(2, -1)
        assert set(pixels[0]) == {ground}
        assert set(pixels[1]) == {0}


def test_the_numbers_of_a_palette_are_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    picture = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8), "P")
    picture.putpalette([9, 9, 9, 200, 0, 0, 0, 200, 0])
    picture.save(path)
    assert open_picture.stored_numbers(path).tolist() == [[0, 1], [2, 1]]


def test_xmp_and_old_png_files_say_how_a_picture_lies_too(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(made.packed(made.dots(9, 7), "JPEG", xmp=b'<x tiff:Orientation="6"/>'))
    assert open_picture.header(path).height == 9
    old = PngImagePlugin.PngInfo()
    old.add_text("Raw profile type exif", f"\nexif\n34\n{made.exif((0x0112, 3, 1, 6)).hex()}")
    path.write_bytes(made.packed(made.dots(9, 7), "PNG", pnginfo=old))
    assert open_picture.header(path).height == 9


@pytest.mark.parametrize("entry", [(0x0112, 3, 1, 99), (0x0112, 2, 400, 8), (0x0112, 3, 2**31, 2**31)])
def test_wild_exif_data_leave_a_picture_as_it_is_stored(entry: tuple, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(made.packed(made.dots(9, 7), "JPEG", exif=made.exif(entry, (0x011A, 5, 1, 2**30))))
    assert decoded(path).shape == (7, 9, 3)


@pytest.mark.parametrize("name", made.OTHER_FORMATS)
def test_other_formats_are_no_pictures(name: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(made.OTHER_FORMATS[name]())
    with watched(tmp_path) as seen:
        assert reason(path) == ("the file is empty" if name == "empty" else "not a picture")
    assert seen == []


_OPEN_ALL = """
import sys
from pathlib import Path
from nodes.reading.picture import open_picture
from nodes.reading.picture.picture_formats import PictureError
for path in map(Path, sys.argv[1:]):
    try:
        with open_picture.decoded(path, "RGB", (8, 8)):
            pass
    except PictureError:
        pass
print(*sorted(name for name in sys.modules if name.endswith("ImagePlugin")))
"""


def test_nothing_is_started_and_no_other_format_is_even_loaded(tmp_path: Path) -> None:
    programs, log = tmp_path / "bin", tmp_path / "started"
    programs.mkdir()
    (programs / "gs").write_text(f"#!/bin/sh\necho started >> {log}\n")
    (programs / "gs").chmod(0o755)
    paths = []
    for name, make in {**made.OTHER_FORMATS, "real": lambda: made.packed(made.dots(), "WEBP")}.items():
        paths.append(tmp_path / f"{name}.png")
        paths[-1].write_bytes(make())
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", _OPEN_ALL, *map(str, paths)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    six = "PIL.{0}ImagePlugin"
    assert done.stdout.split() == [six.format(name) for name in ("Bmp", "Gif", "Jpeg", "Png", "Tiff", "WebP")]
    assert (done.stderr, log.exists()) == ("", False)


@pytest.mark.parametrize("name", made.GREEDY)
def test_small_files_that_ask_for_much_are_left_out_before_they_get_it(name: str, tmp_path: Path) -> None:
    make, words = made.GREEDY[name]
    path = tmp_path / "picture.png"
    path.write_bytes(make())
    assert words in reason(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    with path.open("wb") as file:
        file.truncate(open_picture.MOST_BYTES + 1)
    assert reason(path) == "268,435,457 bytes; at most 268,435,456 are read"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "device.png").symlink_to(os.devnull)
    (tmp_path / "folder.png").mkdir()
    found = {name: reason(tmp_path / f"{name}.png") for name in ("pipe", "device", "folder", "nothing")}
    assert found == {
        "pipe": "it is a pipe",
        "device": "it is a device",
        "folder": "it is a folder",
        "nothing": "the file is gone",
    }


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (MemoryError(), "it asks for more memory than there is"),
        (AttributeError("no\nsuch\u202ething"), r"no\nsuch\u202ething"),
        (NotImplementedError(), "NotImplementedError"),
        (RuntimeError("x" * 1000), f"{'x' * 79}…{'x' * 40}"),
    ],
)
def test_whatever_a_decoder_raises_is_a_reason(
    raised: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(picture: object) -> None:
        raise raised

    path = tmp_path / "picture.png"
    path.write_bytes(made.packed(made.dots(), "PNG"))
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", fail)
    assert reason(path) == said


def noisy(folder: Path) -> list[Path]:
    """Pictures of which Pillow or a library in C says something by itself when they are read."""
    folder.mkdir()
    damaged = bytearray(made.packed(made.dots(40, 40), "TIFF", compression="tiff_lzw"))
    damaged[12:60] = bytes(48)
    palette = made.packed(made.dots().quantize(16), "PNG", transparency=bytes(range(16)))
    files = {
        "palette.png": palette,
        "exif.jpg": made.packed(made.dots(), "JPEG", exif=made.exif((0x011A, 5, 9, 2**30))),
        "tag.tif": made.tiff((0x8769, 4, 1, 8), (305, 2, 2**31, 8)),
        "lzw.tif": bytes(damaged),
        "samples.tif": made.tiff((277, 3, 1, 60_000)),
        "animated.png": made.png(8, 8, made.chunk(b"acTL", bytes(8))),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files]


def test_libraries_write_nothing_by_themselves(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    warnings.simplefilter("always")
    shown = warnings.filters[:]
    paths = noisy(tmp_path / "noisy")
    capfd.readouterr()
    for path in paths:
        with suppress(PictureError):
            decoded(path)
    assert (list(recwarn), capfd.readouterr()) == ([], ("", ""))
    assert warnings.filters == shown
    with pytest.warns(UserWarning, match="Palette images"), Image.open(paths[0]) as picture:
        picture.convert("RGB")  # who reads pictures in another way is warned as ever


def test_pictures_that_are_decoded_at_once_share_a_budget() -> None:
    memory = open_picture.Memory(100)
    second = threading.Event()

    def take() -> None:
        with memory.taken(60):
            second.set()

    with memory.taken(60):
        waiting = threading.Thread(target=take)
        waiting.start()
        assert not second.wait(0.05)
        with memory.taken(40):
            pass
    assert second.wait(10)
    waiting.join()
    with memory.taken(1000):
        pass  # alone, more than there is


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_scans_are_counted_in_whatever_parts_they_come(step: int) -> None:
    data = made.scans(made.dots(), 20)
    counted = Scans()
    for place in range(0, len(data), step):
        counted.feed(data[place : place + step])
    one = Scans()
    one.feed(made.packed(made.dots(), "JPEG", progressive=True))
    assert (one.count, counted.count) == (10, 30)
