"""Series in tables, WAV files, and the files of MNIST and CIFAR as they are downloaded."""

from __future__ import annotations

import gzip
import struct
import wave
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from tests.corpus.case import Case, Expected, chance

RATE, LONG = 8000, 1600
TONES = {"high": 1200, "low": 200}


def tone(hertz: float, number: int, count: int = LONG) -> np.ndarray:
    """A tone from -1 to 1."""
    return 0.8 * np.sin(2 * np.pi * hertz * (1 + 0.01 * number) * np.arange(count) / RATE)


def write_wav(path: Path, values: np.ndarray, width: int = 2, channels: int = 1, rate: int = RATE) -> None:
    """PCM of so many bytes for each value."""
    top = {1: 127, 2: 32767, 3: 8388607, 4: 2147483647}[width]
    whole = np.repeat((values * top).astype("<i8"), channels)
    if width == 1:
        data = (whole + 128).astype("u1").tobytes()
    else:
        data = whole.astype("<i4").view("u1").reshape(-1, 4)[:, :width].tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)


def _sounds(
    width: int = 2, channels: int = 1, *, uneven: bool = False, rates: bool = False
) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        for name, hertz in TONES.items():
            for i in range(6):
                count = LONG + (200 * i if uneven else 0)
                rate = 2 * RATE if rates and i == 3 else RATE
                write_wav(folder / "set" / name / f"{i}.wav", tone(hertz, i, count), width, channels, rate)
        return folder / "set"

    return make


def _and(make: Callable[[Path], Path], name: str, data: bytes) -> Callable[[Path], Path]:
    def both(folder: Path) -> Path:
        path = make(folder)
        (path / name).write_bytes(data)
        return path

    return both


def _wav() -> list[Case]:
    want = Expected(
        samples=12, classes=["high", "low"], balance={"high": 6, "low": 6}, told=["(?i)8,?000|kHz"]
    )
    found = [
        Case(
            "sounds",
            f"{8 * width} bits, {channels} channels",
            _sounds(width, channels),
            want,
            is_quick=width == 2,
        )
        for width in (1, 2, 3, 4)
        for channels in (1, 2)
    ]
    length = Expected(samples=12, classes=["high", "low"], told=["(?i)length|long|seconds"])
    rate = Expected(samples=12, classes=["high", "low"], told=["(?i)rate.*16,?000|16,?000|low/3.wav"])
    damaged = Expected(samples=12, classes=["high", "low"], told=[r"9\.wav"])
    return [
        *found,
        Case("sounds", "of different lengths", _sounds(uneven=True), length),
        Case("sounds", "of two rates", _sounds(rates=True), rate),
        Case("sounds", "one is cut", _and(_sounds(), "low/9.wav", b"RIFF\x24\0\0\0WAVEfmt "), damaged),
        Case("sounds", "one is a text", _and(_sounds(), "low/9.wav", b"words of text" * 9), damaged),
    ]


def _series() -> list[Case]:
    days = [(datetime(2020, 1, 1) + timedelta(days=i)).date().isoformat() for i in range(200)]  # noqa: DTZ001
    values = [round(float(np.sin(i / 9)) + 0.01 * i, 4) for i in range(200)]

    def csv_of(lines: list[str]) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            (folder / "s.csv").write_text("\n".join(lines) + "\n")
            return folder / "s.csv"

        return make

    plain = ["date,value", *(f"{d},{v}" for d, v in zip(days, values, strict=True))]
    gap = [*plain]
    gap[50] = f"{days[49]},"
    turned = [plain[0], *plain[:0:-1]]
    two = ["store,date,sales", *(f"{s},{d},{v}" for s in "ab" for d, v in zip(days, values, strict=True))]
    days_told = Expected(told=["date"], or_told="date")
    windows = Expected(kind="series", samples=200 - 24, shape=(24, 1), targets=np.array(values[24:]))

    def told(words: str) -> Expected:
        return Expected(kind="series", told=[words], or_told=words)

    def as_series(what: str, lines: list[str], expected: Expected, *, is_quick: bool = False) -> Case:
        values = {"dataset": "series-file"}
        return Case("series", what, csv_of(lines), expected, values=values, is_quick=is_quick)

    return [
        Case("series", "a column of days and one of values", csv_of(plain), days_told),
        as_series("as windows", plain, windows, is_quick=True),
        as_series("a gap in the middle", gap, told("line 51")),
        as_series("the newest first", turned, told("(?i)order|newest|date")),
        as_series("two series, one after the other", two, told("store")),
    ]


def idx(array: np.ndarray) -> bytes:
    """An IDX file."""
    code = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}[array.dtype.str[1:]]
    head = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def _mnist() -> list[Case]:
    images = chance("idx").integers(0, 256, (30, 6, 5)).astype("u1")
    labels = (np.arange(30) % 10).astype("u1")

    def files(names: tuple[str, str, str, str], *, packed: bool, held: bool = True) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            path = folder / "mnist"
            path.mkdir()
            contents = (images, labels, images[:10], labels[:10])
            for name, array in list(zip(names, contents, strict=True))[: 4 if held else 2]:
                data = idx(array)
                (path / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
            return path

        return make

    usual = (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    )
    dots = tuple(name.replace("-idx", ".idx") for name in usual)
    inputs = np.concatenate([images, images[:10]])[:, None]
    want = Expected(
        kind="images",
        samples=40,
        validation=10,
        shape=(1, 6, 5),
        classes=[*"0123456789"],
        inputs=inputs,
        targets=np.concatenate([labels, labels[:10]]),
    )
    found = [
        Case("IDX and CIFAR", "MNIST files", files(usual, packed=False), want, is_quick=True),
        Case("IDX and CIFAR", "packed MNIST files", files(usual, packed=True), want),
        Case("IDX and CIFAR", "MNIST files with dots", files(dots, packed=False), want),  # type: ignore[arg-type]
        Case(
            "IDX and CIFAR",
            "one part alone",
            files(usual, packed=False, held=False),
            Expected(kind="images", samples=30, shape=(1, 6, 5)),
        ),
    ]
    for dtype in ("i1", "i2", "i4", "f4", "f8"):

        def one(folder: Path, dtype: str = dtype) -> Path:
            (folder / "x.idx3").write_bytes(idx((images // 2).astype(dtype)))
            return folder / "x.idx3"

        right = Expected(samples=30, inputs=images // 2, or_told="x.idx3")
        found.append(Case("IDX and CIFAR", f"one IDX file of {dtype}", one, right))
    return [*found, *_cifar()]


def _cifar() -> list[Case]:
    records = chance("cifar").integers(0, 256, (20, 3073)).astype("u1")
    records[:, 0] = np.arange(20) % 10

    def files(folder: Path) -> Path:
        path = folder / "cifar-10-batches-bin"
        path.mkdir()
        for i in range(5):
            (path / f"data_batch_{i + 1}.bin").write_bytes(records[4 * i : 4 * i + 4].tobytes())
        (path / "test_batch.bin").write_bytes(records[:4].tobytes())
        (path / "batches.meta.txt").write_text("\n".join("abcdefghij"))
        return path

    def python(folder: Path) -> Path:
        path = folder / "cifar-10-batches-py"
        path.mkdir()
        for i in range(5):
            (path / f"data_batch_{i + 1}").write_bytes(b"\x80\x02}q\x01(U\x0bbatch_label")
        return path

    pixels = np.concatenate([records, records[:4]])[:, 1:].reshape(-1, 3, 32, 32)
    want = Expected(
        kind="images",
        samples=24,
        validation=4,
        shape=(3, 32, 32),
        inputs=pixels,
        targets=np.concatenate([records, records[:4]])[:, 0],
    )
    return [
        Case("IDX and CIFAR", "CIFAR-10, binary", files, want, is_quick=True),
        Case("IDX and CIFAR", "CIFAR-10, pickled", python, Expected(refused="(?i)cifar.*(pickle|binary)")),
    ]


CASES = (*_wav(), *_series(), *_mnist())
