"""Exporters and importers: none of our own yet; one of an installed package is found and writes its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.exchange.registry import discover
from tests.drawings import mlp
from tests.plug_ins import PATH


def test_there_are_none_without_plug_ins() -> None:
    found = discover()
    assert (dict(found.exporters), dict(found.importers), found.broken) == ({}, {}, ())


def test_an_exporter_of_a_package_is_one_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(PATH))
    project = mlp("digits", 8)
    exporter = discover().exporters["node-list"]
    written = exporter.export(project, tmp_path / f"nodes{exporter.suffix}")
    lines = (tmp_path / "nodes.txt").read_text("utf-8").splitlines()
    assert len(lines) == len(project.main.nodes)
    assert written.files == (tmp_path / "nodes.txt",)
    assert written.sentence.startswith(f"{len(lines)} nodes were written")


def test_a_broken_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[layerloom.importers]\ntorn = torn_package_that_is_not_there\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (torn,) = discover().broken
    assert (torn.plug_in.name, str(torn.plug_in)) == ("torn", "torn 1.0")
    assert "torn_package_that_is_not_there" in torn.reason
