"""Folders of pictures: other formats named as PNG, greedy files, what is no file, links, odd names."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

from engine.document.storage.file import save
from tests.drawings import chain
from tests.hostile import made_pictures as made
from tests.hostile.case import Case

Make = Callable[[Path], None]
_TRAIN = ("train", "{}", "--steps", "1", "--device", "cpu")
_SPACE = r"\s+"
"""Lines are broken at the width of a terminal."""
_QUIET = r"\A(?!.*(Decode:|TIFF[A-Z]\w+:|Warning|Traceback)).*"
"""An answer without a word that a library wrote by itself."""


def _folder(spoil: Make, *, sound: int = 4, size: int = 8) -> Callable[[Path], Path]:
    """A project on two classes of so many sound pictures, spoiled in some way."""

    def make(folder: Path) -> Path:
        for name in ("a", "b"):
            (folder / "pics" / name).mkdir(parents=True)
            for number in range(sound):
                made.dots().rotate(90 * number).save(folder / "pics" / name / f"{number}.png")
        spoil(folder / "pics")
        return _project(folder, str(folder / "pics"), size)

    return make


def _project(folder: Path, path: str, size: int = 8) -> Path:
    data = {"dataset": "image-folder", "path": path, "size": size}
    save(chain(data, [("flat", "flatten"), ("linear", "linear", {"out_features": 2})]), folder / "p.loom")
    return folder / "p.loom"


def _odd(make: Callable[[], bytes]) -> Make:
    def spoil(pictures: Path) -> None:
        (pictures / "a" / "odd.png").write_bytes(make())

    return spoil


def _named(name: bytes, data: bytes = b"x") -> Make:
    def spoil(pictures: Path) -> None:
        Path(os.fsdecode(os.fsencode(pictures / "a") + b"/" + name)).write_bytes(data)

    return spoil


def _class_named(name: bytes) -> Make:
    def spoil(pictures: Path) -> None:
        (pictures / "b").rename(os.fsdecode(os.fsencode(pictures) + b"/" + name))

    return spoil


def _link(place: str, target: str) -> Make:
    return lambda pictures: (pictures / place).symlink_to(target)


def _socket(pictures: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        kept = Path.cwd()
        os.chdir(pictures / "a")
        one.bind("odd.png")
        os.chdir(kept)


def _many(data: bytes, count: int) -> Make:
    def spoil(pictures: Path) -> None:
        for number in range(count):
            (pictures / "ab"[number % 2] / f"odd{number}.png").write_bytes(data)

    return spoil


def _noisy(pictures: Path) -> None:
    palette = made.packed(made.dots().quantize(16), "PNG", transparency=bytes(range(16)))
    (pictures / "a" / "palette.png").write_bytes(palette)
    wild = made.exif((0x011A, 5, 9, 2**30), (0x0112, 3, 2**31, 5))
    (pictures / "a" / "exif.jpg").write_bytes(made.packed(made.dots(), "JPEG", exif=wild))
    for number in range(40):
        damaged = bytearray(made.packed(made.dots(40, 40), "TIFF", compression="tiff_lzw"))
        damaged[10 + number : 60] = bytes(50 - number)
        (pictures / "b" / f"{number}.tif").write_bytes(damaged)
    (pictures / "b" / "tags.tif").write_bytes(made.tiff((305, 2, 2**31, 8), (277, 3, 1, 60_000)))


_SPECIAL: dict[str, tuple[Make, str]] = {
    "a pipe": (lambda pictures: os.mkfifo(pictures / "a" / "odd.png"), "odd.png: it is a pipe"),
    "a socket": (_socket, "odd.png: it is a socket"),
    "a link to a device": (_link("a/odd.png", "/dev/zero"), "odd.png: it is a device"),
    "a link to a file of the system": (_link("a/odd.png", "/proc/self/pagemap"), "odd.png: it is a file of"),
    "a link to nothing": (_link("a/odd.png", "nowhere"), "odd.png: the file is gone"),
    "a link in a circle": (_link("a/odd.png", "odd.png"), "not followed: a/odd.png|odd.png: Too many levels"),
    "a class that is a link to /": (_link("c", "/"), "pics: 1 link to a folder is not followed: c"),
    "a class that is a link to itself": (_link("c", "c"), "1 link to a folder is not followed: c"),
    "a link upwards in a class": (_link("a/up", ".."), "1 link to a folder is not followed: a/up"),
}
_NAMES = {
    "not UTF-8": (b"caf\xe9.png", r"caf\\udce9.png: not a picture"),
    "a new line": (b"one\nError: two.png", r"one\\nError: two.png: not a picture"),
    "marks that turn text": ("\u202egnp.exe.png".encode(), r"\\u202egnp.exe.png: not a picture"),
    "colours of a terminal": (b"\x1b[31mred.png", r"\\x1b\[31mred.png: not a picture"),
}


def _left_out(kind: str, name: str, spoil: Make, words: str, quick: tuple[str, ...] = ()) -> Case:
    """A picture that is left out with these words, beside which the others train."""
    answer = words.replace(" ", _SPACE)
    return Case(kind, name, _folder(spoil), answer, _TRAIN, exits=(0,), is_quick=name in quick)


def _cases() -> list[Case]:
    found = []
    for name, make in made.OTHER_FORMATS.items():
        words = "odd.png: (not a picture|the file is empty)"
        found.append(_left_out("pictures of other formats", name, _odd(make), words, ("EPS", "AVIF")))
    for name, (make, reason) in made.GREEDY.items():
        found.append(
            _left_out("greedy pictures", name, _odd(make), f"odd.png: .*{reason}", ("BMP of moves",))
        )
    for name, (spoil, words) in _SPECIAL.items():
        quick = ("a pipe", "a class that is a link to /")
        found.append(_left_out("special files among pictures", name, spoil, words, quick))
    for name, (word, words) in _NAMES.items():
        found.append(_left_out("names of pictures", name, _named(word), words))
        for command in (_TRAIN, ("inspect", "{}", "--json")):
            title = f"{name}, as a class, {command[0]}"
            plain = r"\A(?!.*[\x1b\u202e\ud800-\udfff])"
            project = _folder(_class_named(word))
            found.append(Case("names of pictures", title, project, plain, command, exits=(0,)))
    return found + _whole_folders()


def _whole_folders() -> list[Case]:
    places = ("/", "/usr", "/proc", "/sys", "/dev", "nowhere", "p.loom")
    found = [
        Case("places that are no pictures", f"{place}, {command[0]}",
             lambda folder, place=place: _project(folder, place),  # type: ignore[misc]
             r"Expected (a|pictures)\b.*Received", command, exits=(0,) if command[0] == "inspect" else (2,))
        for place in places for command in (("inspect", "{}"), _TRAIN)
    ]  # fmt: skip
    large = made.png(13_000, 13_100, colour=0, depth=1)
    allowed = made.png(6200, 6300)
    found += [
        Case("folders of greedy pictures", "12 of 170 megapixels alone", _folder(_many(large, 12), sound=0),
             "none that can be opened among the first 12 files: odd0.png: 13,000 × 13,100 pixels", _TRAIN),
        Case("folders of greedy pictures", "12 of 170 megapixels beside sound ones",
             _folder(_many(large, 12)), "odd0.png: 13,000 × 13,100 pixels", _TRAIN, exits=(0,)),
        Case("folders of greedy pictures", "12 of 39 megapixels, made small", _folder(_many(allowed, 12)),
             _QUIET, _TRAIN, exits=(0,), seconds=10),
        Case("folders of greedy pictures", "12 of 39 megapixels, as they are",
             _folder(_many(allowed, 12), sound=0, size=0), "size: Choose a size.*Received 6,200 × 6,300 px",
             _TRAIN),
        Case("folders of damaged pictures", "420 damaged ones", _folder(_many(b"\x89PNG\r\n\x1a\nxx", 420)),
             r"\A(?=.{500,6000}\Z).*odd0.png: .*… and 400 more", _TRAIN, exits=(0,)),
        Case("folders of damaged pictures", "no sound one", _folder(_many(b"x", 20), sound=0),
             "none that can be opened among the first 20 files: odd0.png: not a picture", _TRAIN),
        Case("folders of damaged pictures", "of which libraries write", _folder(_noisy), _QUIET + "Trained",
             _TRAIN, exits=(0,), is_quick=True),
        Case("folders of damaged pictures", "none at all", _folder(lambda pictures: None, sound=0),
             "Received 0 pictures", _TRAIN),
    ]  # fmt: skip
    return found


CASES = tuple(_cases())
