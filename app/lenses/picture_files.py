"""Pictures as files: PNG, and GIF for moving ones. A file is written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from engine.system.atomic_write import write_atomically

FRAME_MS = 120
LAST_MS = 1200
"""How long a frame of a moving picture stands, and how long its last one."""


def write_file(path: Path, data: bytes) -> None:
    """Put these bytes in the place of a file. Raises `OSError` with a sentence where that cannot be done."""
    try:
        write_atomically(path, data)
    except OSError as error:
        reason = error.strerror or "the disk refuses"
        raise OSError(f"{path} cannot be written: {reason}. Choose another folder.") from error


def png_data(image: QImage) -> bytes:
    """An image as a PNG file. Raises `OSError` where it is too large for one."""
    held = QBuffer()
    held.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(held, "PNG"):  # type: ignore[call-overload]  # the stubs know no buffer
        raise OSError("The picture is too large for a file. Make it smaller.")
    return bytes(held.data().data())


def gif_data(images: Iterable[QImage]) -> tuple[bytes, int]:
    """A moving picture that repeats for ever, and how many frames it has. Raises `OSError` for none."""
    made = [_pillow(image) for image in images]
    if not made:
        raise OSError("Nothing was kept that could move. Train first.")
    times = [FRAME_MS] * (len(made) - 1) + [LAST_MS]
    held = BytesIO()
    made[0].save(
        held, format="GIF", save_all=True, append_images=made[1:], duration=times, loop=0, optimize=False
    )
    return held.getvalue(), len(made)


def _pillow(image: QImage) -> Image.Image:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    size = (plain.width(), plain.height())
    made = Image.frombytes("RGB", size, bytes(plain.constBits()), "raw", "RGB", plain.bytesPerLine())
    return made.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
