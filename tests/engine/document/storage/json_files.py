"""Project files as plain JSON, written short, and what loading says about them."""

from __future__ import annotations

import json

import pytest

from engine.document.project import FORMAT
from engine.document.storage.file import ProjectFileError, from_bytes


def problems(data: bytes | dict) -> dict[str, str]:
    raw = json.dumps(data).encode() if isinstance(data, dict) else data
    with pytest.raises(ProjectFileError) as caught:
        from_bytes(raw)
    return dict(caught.value.problems)


def main(**graph) -> dict:
    return {"format": FORMAT, "name": "A", "graphs": {"main": graph}}


def relu(**more) -> dict:
    return {"layer": "relu", **more}


def wire(source: str, target: str, **more) -> dict:
    return {"source": source.split("."), "target": target.split("."), **more}
