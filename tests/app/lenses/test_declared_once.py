"""A lens is declared in two files and found by them; nothing else in the product knows a single lens."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

from app.lenses.painter import PaintedView, Painter
from app.lenses.registry import PAINTERS, Painters
from app.lenses.room import Room
from engine.lens.lens import Cost, Lens, Reads
from engine.lens.registry import LENSES, Lenses

ROOT = Path(__file__).parents[3]
OWN = ("engine/lens/kinds", "app/lenses/painters")
WORDS = {"samples", "prediction"}
"""Words for other things too (a panel, a folder, an array, a result): only their use as a kind counts."""


def sources() -> Iterator[Path]:
    for room in ("app", "engine"):
        for path in (ROOT / room).rglob("*.py"):
            if not path.relative_to(ROOT).as_posix().startswith(OWN):
                yield path


def uses_as_kind(tree: ast.AST) -> Iterator[str]:
    """Texts that are given to requests and frames, looked up among frames or lenses, or compared with."""
    for node in ast.walk(tree):
        held: list[ast.AST] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            held = [*node.args] if name in ("LensRequest", "LensFrame") else []
        elif isinstance(node, ast.Compare) and getattr(node.left, "attr", "") in ("kind", "lens"):
            held = list(node.comparators)
        elif isinstance(node, ast.Subscript):
            name = getattr(node.value, "id", getattr(node.value, "attr", ""))
            held = [node.slice] if name in ("LENSES", "PAINTERS", "frames") else []
        for part in held:
            yield from texts(part)


def texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_module_of_app_or_engine_names_a_lens() -> None:
    found = []
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = (set(LENSES) - WORDS) & set(texts(tree)) | set(LENSES) & set(uses_as_kind(tree))
        found += [f"{path.relative_to(ROOT)}: {kind}" for kind in sorted(named)]
    assert found == []


def test_every_lens_has_a_painter_and_says_what_it_is() -> None:
    assert set(PAINTERS) == set(LENSES)
    for lens in LENSES.values():
        assert lens.title
        assert lens.help.endswith(".")
        assert lens.reads


def test_what_a_lens_costs_is_the_dearest_of_what_it_reads() -> None:
    costs = {kind: lens.cost for kind, lens in LENSES.items()}
    assert costs["kernels"] is Cost.READ
    assert costs["feature_maps"] is Cost.FORWARD
    assert costs["prediction"] is Cost.FORWARD
    assert costs["samples"] is Cost.LOOP


class Norm(Lens):
    kind = "norm"
    title = "Norm"
    help = "The length of the output."
    reads = frozenset({Reads.OUTPUT})

    def applies_to(self, layer, report):
        return True

    def compute(self, seen):
        return {} if seen.output is None else {"norm": np.array(float(seen.output.norm()))}


class NormPainter(Painter[PaintedView]):
    kind = "norm"

    def room(self, subject):
        return Room(1, 1, 60.0, 20.0)

    def thumbnail(self, arrays, room, context, theme):
        return None

    def view(self):
        return PaintedView(20)

    def show(self, view, arrays, context):
        return True


class Broken(Norm):
    kind = "kernels"


def test_a_plug_in_adds_a_lens_by_two_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    def entries(group: str) -> list[EntryPoint]:
        return [EntryPoint("norm", f"{__name__}", group), EntryPoint("gone", "nowhere.at.all", group)]

    monkeypatch.setattr("nodes.plug_ins.entry_points", entries)
    lenses, painters = Lenses(), Painters()
    lenses.add_plug_ins()
    painters.add_plug_ins()
    assert "norm" in lenses
    assert "norm" in painters._painters
    named = [{one.plug_in.name for one in registry.broken} for registry in (lenses, painters)]
    assert named == [{"gone"}, {"gone"}], "one that cannot be imported is named"


def test_two_lenses_of_one_kind_are_refused() -> None:
    lenses = Lenses()
    lenses.add(type(LENSES["kernels"]))
    with pytest.raises(ValueError, match="declared twice"):
        lenses.add(Broken)
