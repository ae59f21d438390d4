"""Which Layerloom this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed version; "from source" where it runs from a checkout that was not installed."""
    try:
        return metadata.version("layerloom")
    except metadata.PackageNotFoundError:
        return "from source"
