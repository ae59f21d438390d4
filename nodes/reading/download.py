"""Data sets that are too big for the box: fetched once into the user's cache, checked, unpacked.

A broken download goes on where it stopped. What to fetch is declared in `resources/data/downloads.json`.
Nothing is fetched unless somebody asks for it. The cache may be deleted at any time: its sets are then asked
for again. The checksums of what was unpacked lie beside it, so that a file that has changed since is told.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import shutil
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import urlsplit

import msgspec
import platformdirs

import resources
from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.regular_file import is_regular, open_regular, require_regular

CHUNK = 1 << 16
TIMEOUT = 30.0
"""Seconds without a byte after which a download is given up."""

Progress = Callable[[int, int], None]
"""Called with the bytes so far and in all."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a data set: its public home, its size and its checksum."""

    url: str
    bytes: int
    md5: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path.rsplit("/", 1)[-1]


UNPACKED = "unpacked.json"
"""Has the checksum of each unpacked file by its place in the folder."""


class CancelledError(DataError):
    """The download was stopped; what has come so far is kept for the next time."""


@functools.cache
def declared() -> dict[str, tuple[File, ...]]:
    """The files of every data set that can be downloaded."""
    listing = (resources.DATA / "downloads.json").read_bytes()
    return msgspec.json.decode(listing, type=dict[str, tuple[File, ...]])


def folder(name: str) -> Path:
    """Where the files of a downloaded data set lie."""
    return platformdirs.user_cache_path("layerloom") / "data" / name


def fetch(
    name: str,
    progress: Progress = lambda *_: None,
    is_cancelled: Callable[[], bool] = lambda: False,
    *,
    files: tuple[File, ...] | None = None,
    into: Path | None = None,
) -> Path:
    """Download, check and unpack a data set; returns its folder. What is there and whole stays.

    `files` and `into` stand in for the declared ones. Raises `DataError`, or `CancelledError`.
    """
    wanted = files if files is not None else declared()[name]
    target = into if into is not None else folder(name)
    total, done = sum(file.bytes for file in wanted), 0
    try:
        target.mkdir(parents=True, exist_ok=True)
        for file in wanted:
            _fetch_one(file, target, functools.partial(_report, progress, done, total), is_cancelled)
            done += file.bytes
            progress(done, total)
            if file.name.endswith((".tar.gz", ".tgz")):
                _unpack(target / file.name, target)
    except OSError as error:
        raise DataError(f"{target}: Expected room for {total:,} bytes. Received: {error}.") from error
    return target


def _report(progress: Progress, before: int, total: int, received: int) -> None:
    progress(before + received, total)


def _fetch_one(
    file: File, target: Path, progress: Callable[[int], None], is_cancelled: Callable[[], bool]
) -> None:
    whole, part = target / file.name, target / f"{file.name}.part"
    if _size(whole) == file.bytes and _md5(whole) == file.md5:
        return
    have = _size(part)
    if have != file.bytes:
        _receive(file, part, have if have < file.bytes else 0, progress, is_cancelled)
    found = _md5(part)
    if found != file.md5:
        part.unlink()
        raise DataError(f"{file.url}: Expected the checksum {file.md5}. Received {found}; download it again.")
    part.replace(whole)


def _size(path: Path) -> int:
    """Bytes of a regular file; 0 where there is none."""
    return require_regular(path).st_size if is_regular(path) else 0


def _receive(
    file: File, part: Path, have: int, progress: Callable[[int], None], is_cancelled: Callable[[], bool]
) -> None:
    if urlsplit(file.url).scheme not in ("http", "https"):
        raise DataError(f"{file.url}: Expected an http or https address.")
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            # A server that does not know of ranges answers 200 and starts from the beginning.
            have = have if answer.status == 206 else 0
            with part.open("ab" if have else "wb") as out:
                while chunk := answer.read(CHUNK):
                    have += len(chunk)
                    if have > file.bytes:
                        raise DataError(f"{file.url}: Expected {file.bytes:,} bytes. Received more.")
                    out.write(chunk)
                    progress(have)
                    if is_cancelled():
                        raise CancelledError(f"{file.url}: stopped after {have:,} of {file.bytes:,} bytes.")
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise DataError(
            f"{file.url}: Expected {file.bytes:,} bytes. Received: {reason}; try again."
        ) from error
    if have != file.bytes:
        raise DataError(f"{file.url}: Expected {file.bytes:,} bytes. Received {have:,}; try again to go on.")


def _md5(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()  # type: ignore[arg-type]


def require_unchanged(name: str) -> None:
    """Raise `DataError` where an unpacked file is not what came: damaged, or another."""
    home = folder(name)
    listing = home / UNPACKED
    if not is_regular(listing):
        return  # nothing was unpacked here
    try:
        known = msgspec.json.decode(listing.read_bytes(), type=dict[str, str])
    except msgspec.DecodeError as error:
        raise DataError(
            f"{listing}: Expected the checksums of what was downloaded. Received: {error}; download it again."
        ) from error
    for place, expected in known.items():
        tell(f"Checking {name}")
        path = home / place
        if is_regular(path) and path.resolve().is_relative_to(home.resolve()) and _md5(path) != expected:
            raise DataError(
                f"{path}: Expected the checksum {expected}. Received another: it has changed since it was "
                "downloaded; download it again."
            )


def _unpack(archive: Path, target: Path) -> None:
    """Regular files and folders only, none outside the folder, and within the budget."""
    total, size, sums = 0, archive.stat().st_size, {}
    try:
        with open_regular(archive) as file, tarfile.open(fileobj=file, mode="r:gz") as packed:
            for member in packed:
                total += member.size
                budget.require_ratio(str(archive), total, size)
                place = _place(archive, member, target)
                if member.isdir():
                    place.mkdir(parents=True, exist_ok=True)
                else:
                    _write(packed, member, place)
                    sums[str(place.relative_to(target))] = _md5(place)
        (target / UNPACKED).write_bytes(msgspec.json.encode(sums))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{archive}: Expected a tar archive of data files. Received: {error}.") from error


def _place(archive: Path, member: tarfile.TarInfo, target: Path) -> Path:
    """Where a member belongs. Raises `DataError` for what is neither file nor folder, or lies outside.

    The filters of tarfile would do, but Python 3.11.0 to 3.11.3 do not have them.
    """
    name = PurePosixPath(member.name)
    is_inside = not name.is_absolute() and ".." not in name.parts and not PureWindowsPath(name).drive
    place = target.joinpath(*name.parts)
    if not is_inside or not place.resolve().is_relative_to(target.resolve()):
        raise _refused(archive, f"{member.name!r}, which lies outside its folder")
    if not member.isfile() and not member.isdir():
        raise _refused(archive, f"{member.name!r}, which is neither a file nor a folder")
    return place


def _refused(archive: Path, received: str) -> DataError:
    return DataError(f"{archive}: Expected a tar archive of data files. Received: {received}.")


def _write(packed: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """Write one regular file; what stood there before is replaced, not written through."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    content = packed.extractfile(member)
    if content is None:
        raise tarfile.ReadError(f"{member.name!r} without content")
    with content, place.open("xb") as out:
        shutil.copyfileobj(content, out, CHUNK)
