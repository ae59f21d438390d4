"""How much one file may unpack to and how much of the memory its values may take: the same for every reader.

Three bounds hold. A packed file may unpack to `ALWAYS` bytes, or to `MOST_RATIO` times its own size where
that is more. Values that stay in memory may take `SHARE` of what is free. A description checks at most
`CHECKED` bytes to their end, so that a look at a large file stays short; a larger one is checked when it is
loaded. Time has no bound: whoever reads long tells how far it is (`nodes.reading.progress`) and can be called
off there.
"""

from __future__ import annotations

from nodes.free_memory import free_memory
from nodes.reading.error import DataError, NoRoomError

ALWAYS = 64 << 20
"""Bytes that any file may unpack to, however small it is."""
MOST_RATIO = 200
"""Bytes that a file may unpack to for each byte it has. Pictures, texts and tables pack 2 to 20 times; mostly
empty arrays (masks, one-hot rows) can pack up to 1,000 times and are read where they are stored unpacked."""
SHARE = 0.5
"""Share of the free memory that the values of one data set may take."""
CHECKED = 256 << 20
"""Bytes of a file that a description reads through to find damage; of a larger one it reads the headers."""


def most_unpacked(packed: int) -> int:
    """Bytes that a file of so many bytes may unpack to."""
    return max(ALWAYS, MOST_RATIO * packed)


def require_ratio(where: str, unpacked: int, packed: int) -> None:
    """Raise `DataError` where something small unpacks to far more than data do."""
    if unpacked > most_unpacked(packed):
        raise too_packed(where, packed, f"{unpacked:,}")


def too_packed(where: str, packed: int, received: str) -> DataError:
    """The error of a file that unpacks to more than it may."""
    return DataError(
        f"{where}: Expected at most {most_unpacked(packed):,} bytes from {packed:,} packed ones. "
        f"Received {received}; store it unpacked if it is meant so."
    )


def room() -> int:
    """Bytes that the values of one data set may take now."""
    return int(free_memory() * SHARE)


def require_room(where: str, needed: int, what: str, advice: str = "") -> None:
    """Raise `NoRoomError` where values of so many bytes do not fit; `what` says in words what needs them, and
    `advice` what to do."""
    if needed > room():
        raise no_room(where, needed, what, advice)


def no_room(where: str, needed: int, what: str, advice: str = "") -> NoRoomError:
    """The error of data that do not fit."""
    return NoRoomError(
        f"{where}: Expected at most {gigabytes(room())} GB, half of the memory that is free. "
        f"Received {what} that need {gigabytes(needed)} GB{'; ' if advice else ''}{advice}."
    )


def gigabytes(count: int) -> str:
    """So many bytes in units of 1e9 bytes, as a message has them."""
    return f"{count / 1e9:,.1f}" if count < 10**15 else f"{count // 10**9:.1e}"
