"""Plug-ins that were written against earlier names of layers: each is told what is called what now."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.registry import Registry
from nodes.renamed import GONE, RENAMED, present
from tests import ROOT
from tests.plug_ins import write_package

BEFORE = (ROOT / "tests" / "fixtures" / "layer_api_before.txt").read_text("utf-8").split()
"""Modules and public names of `nodes` before names were changed: commit 64d92db. Do not write it anew."""
SET_BY_INIT = {
    *("nodes.spec.Layer.family", "nodes.spec.LayerError.fixes"),
    *(f"nodes.spec.LayerError.{name}" for name in ("arithmetic", "expected", "port", "received", "wire")),
    *(f"nodes.param.ParamError.{name}" for name in ("expected", "name", "received")),
    *("nodes.registry.UnknownLayerError.near", "nodes.registry.UnknownLayerError.type_name"),
}
"""What an instance or a subclass has, but not the class."""

LAYER = """
from nodes.spec import Family, Layer, LayerError, Port
class Shaped(Layer):
    \"\"\"Shapes.\"\"\"
    family = Family.SHAPE
"""
OLD = {
    "from nodes import telling": ("nodes.telling", "nodes.shared.card_label"),
    "import nodes.window": ("nodes.window", "nodes.shared.sliding_window"),
    "from nodes.window import told": ("nodes.window.told", "nodes.shared.sliding_window.kernel_label"),
    "from nodes.spec import Layer, Mend": ("nodes.spec.Mend", "nodes.spec.ProposedFix"),
    "from nodes.activation import Activation": (
        "nodes.activation.Activation",
        "nodes.layers.activation.Activation",
    ),
    "import nodes.spec\nnodes.spec.Mend": ("nodes.spec.Mend", "nodes.spec.ProposedFix"),
    "from nodes.spec import Layer\nLayer.telling": ("Layer.telling", "Layer.card_label"),
    f"{LAYER}    def telling(self): return '3'": ("Layer.telling", "Layer.card_label"),
    f"{LAYER}    def port_mends(self, port, spec): return ()": ("Layer.port_mends", "Layer.port_fixes"),
    f"{LAYER}    def check(self, x): raise LayerError('a', 'b', mends=())": (
        "LayerError.mends",
        "LayerError.fixes",
    ),
    f"{LAYER}    def build(self, x):\n        from nodes.modules.fused import fused\n": (
        "nodes.modules.fused.fused",
        "nodes.modules.activation_option.with_activation",
    ),
}


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("shapes_layers", None)


def registered(folder: Path, text: str) -> Registry:
    write_package(folder, "shapes", "1.0", {"shapes_layers": text}, {"layerloom.nodes": "shapes_layers"})
    importlib.invalidate_caches()
    registry = Registry()
    registry.add_plug_ins()
    return registry


@pytest.mark.parametrize(("text", "names"), OLD.items(), ids=[old for old, _ in OLD.values()])
def test_one_sentence_says_what_is_called_what_now(plug_in: Path, text: str, names: tuple[str, str]) -> None:
    (broken,) = registered(plug_in, f"{text}\n").broken
    assert broken.sentence == (
        f"Plug-in shapes 1.0 (layerloom.nodes) uses {names[0]}, which is now called {names[1]}. "
        "Update or uninstall it."
    )


def test_what_is_gone_is_told_with_what_to_do_instead(plug_in: Path) -> None:
    (broken,) = registered(plug_in, "from nodes.source import CLASSES\n").broken
    assert "uses nodes.source.CLASSES, which is gone: ask nodes.data_sets.registry" in broken.sentence


@pytest.mark.parametrize(
    "text",
    [
        f"{LAYER}    def card_label(self): return '3'\n    def telling(self): return self.card_label()\n",
        f"try:\n    from nodes.spec import Mend\nexcept ImportError:\n    Mend = object\n{LAYER}",
        f"class Told:\n    def telling(self): return ''\n{LAYER}",
    ],
    ids=["both names", "tries the old name", "not a layer"],
)
def test_a_plug_in_that_works_with_both_is_taken(plug_in: Path, text: str) -> None:
    registry = registered(plug_in, text)
    assert (registry.broken, list(registry)) == ([], ["shaped"])


def exists(name: str) -> bool:
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return name in SET_BY_INIT
            found = getattr(found, part)
        return True
    return False


def test_every_name_of_before_is_still_there_or_is_told() -> None:
    assert len(BEFORE) > 500
    lost = [name for name in BEFORE if not exists(name) and name not in GONE and not exists(present(name))]
    assert lost == []


def test_the_table_names_what_was_and_what_is() -> None:
    assert [old for old in RENAMED if old not in BEFORE or exists(old)] == []
    assert [new for new in RENAMED.values() if not exists(new)] == []
    assert [old for old in GONE if exists(old)] == []
