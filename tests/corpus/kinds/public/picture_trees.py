"""Writers of folders of pictures as they are unpacked: any tree, turned pictures, films."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PIL import Image

from tests.corpus.kinds.pictures import COLOURS, GREYS, classes_of, colour

What = int | str | bytes | Image.Image


def layout(files: Mapping[str, What], drop: str = "set") -> Callable[[Path], Path]:
    """Writes files below a folder: a picture by its number, a picture, a text or bytes; `drop` is dropped."""

    def make(folder: Path) -> Path:
        for name, what in files.items():
            path = folder / "set" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(what, int):
                Image.fromarray(colour(what % 12)).save(path)
            elif isinstance(what, Image.Image):
                what.save(path)
            else:
                path.write_bytes(what if isinstance(what, bytes) else what.encode())
        return folder / drop

    return make


def pics(before: str, count: int, start: int = 0, end: str = ".png") -> dict[str, What]:
    """So many pictures, numbered through from 0, of the numbers from `start` on."""
    return {f"{before}{i}{end}": start + i for i in range(count)}


def films(folder: Path) -> Path:
    """GIF files of two frames."""

    def save(index: int, path: Path) -> None:
        frames = [Image.fromarray(255 - GREYS[index])]
        Image.fromarray(GREYS[index]).save(path, save_all=True, append_images=frames)

    return classes_of(folder, save, ".gif")


def turned(orientation: int) -> Callable[[Path], Path]:
    """JPEG files whose EXIF says how they are to be turned."""

    def save(index: int, path: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(COLOURS[index]).save(path, exif=exif, quality=100, subsampling=0)

    return lambda folder: classes_of(folder, save, ".jpg")
