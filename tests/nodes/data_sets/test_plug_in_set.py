"""A data set of an installed package is one file: it is in the form, described, previewed and trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.document.storage.file import save
from nodes.data_sets.registry import data_sets
from tests import ROOT
from tests.drawings import mlp
from tests.nodes.data_sets.processes import run, said, told_by_commands
from tests.plug_ins import PATH

FIRST = (
    "nodes.registry",
    "nodes.spec",
    "nodes.data.source",
    "nodes.data_sets.registry",
    "nodes.data_sets.points",
    "engine.document.storage.file",
    "engine.data.catalogue",
    "engine.runs",
    "app.palette.palette",
    "app.cli",
    "extras.checkers",
)
FORM = """
import json
from nodes.data.source import DataSource
from nodes.registry import REGISTRY
params = DataSource.params
found = {
    "choices": params["dataset"].choices, "title": params["dataset"].title_of("checkers"),
    "visible_if": {name: param.visible_if and param.visible_if[1] for name, param in params.items()},
    "found": [layer.type for layer in REGISTRY.search("checkers")],
    "card": REGISTRY.make("data", {"dataset": "checkers", "fields": 2}).card_label(),
}
"""
SHOWN = """
import json
from PySide6.QtWidgets import QApplication
application = QApplication([])
from app.forms.form import ParamForm
from nodes.data.source import DataSource
form = ParamForm(DataSource.params, lambda kind: [])
values = dict(DataSource().values)
def take(name, value, gesture):
    values[name] = value
    form.show_values(values, DataSource().values)
form.edited.connect(take)
form.show_values(values, values)
shown = {}
for title in ("Checkers", "Wine", "Spiral"):
    menu = form.rows["dataset"].field.make_menu()
    next(action for action in menu.actions() if action.text() == title).trigger()
    shown[title] = [name for name, row in form.rows.items() if not row.isHidden()]
print(json.dumps(shown))
"""
READ = """
import json
from engine.data import catalogue
from nodes.registry import REGISTRY
source = REGISTRY.make("data", {"dataset": "checkers", "fields": 2, "samples": 100})
info, data = catalogue.describe(source), catalogue.load(source, seed=3)
print(json.dumps({
    "told": [info.title, info.licence, info.description, info.samples],
    "parts": [len(data.train), len(data.validation)], "rows": len(catalogue.preview(source, 9).rows),
}))
"""


@pytest.mark.parametrize("first", FIRST)
def test_every_set_is_known_whichever_module_is_loaded_first(first: str) -> None:
    is_known(said(f"import {first}\n{FORM}\nprint(json.dumps(found))"))


def is_known(found: dict[str, Any]) -> None:
    """This is what `FORM` found where every set is in the form."""
    assert len(found["choices"]) == len(data_sets()) + 1
    assert found["choices"].index("moby-dick") < found["choices"].index("checkers")
    assert found["choices"].index("checkers") < found["choices"].index("image-folder")
    assert found["title"] == "Checkers"
    assert found["visible_if"]["fields"] == ["checkers"]
    assert {"checkers", "wine"} <= set(found["visible_if"]["validation"])
    assert found["found"] == ["data"]
    assert found["card"] == "2×2 fields"


def test_the_form_offers_it_and_shows_its_parameters_when_it_is_chosen() -> None:
    shown = said(SHOWN)
    common = ["samples", "validation", "scaling", "excluded", "paired_with", "sampling", "fingerprint"]
    assert shown["Checkers"] == ["dataset", "fields", *common]
    assert shown["Wine"] == ["dataset", *common]
    assert shown["Spiral"] == ["dataset", "features", "noise", "labels", *common]


def test_it_is_described_read_and_previewed() -> None:
    found = said(READ)
    description = "Two classes in the unit square: the fields of a chess board."
    assert found["told"] == ["Checkers", "generated", description, 100]
    assert found["parts"] == [80, 20]
    assert found["rows"] == 9


def test_a_project_with_it_is_inspected_and_trained_and_inference_may_be_loaded_first(tmp_path: Path) -> None:
    file = tmp_path / "p.loom"
    save(mlp("wine", 8), file)
    text = file.read_text("utf-8")
    assert '"dataset": "wine"' in text
    file.write_text(text.replace('"dataset": "wine"', '"dataset": "checkers", "fields": 2'), "utf-8")
    form = tmp_path / "form.json"
    first = f"import engine.infer\n{FORM}\nwith open({str(form)!r}, 'w') as out:\n    json.dump(found, out)\n"
    inspected, trained = told_by_commands(
        ["inspect", str(file), "--json"], ["train", str(file), "--steps", "2", "--json"], first=first
    )
    is_known(json.loads(form.read_text("utf-8")))
    assert json.loads(inspected)["problems"] == []
    last = json.loads(trained.splitlines()[-1])
    assert (last["status"], last["step"]) == ("completed", 2)
    without = run("-c", f"from engine.document.storage.file import load\nload({str(file)!r})", packages=())
    assert without.returncode == 1
    assert "dataset: Expected one of fashion-mnist" in without.stderr
    assert "Received 'checkers'" in without.stderr


BROKEN = {
    "gone": "import no_such_module_anywhere\n",
    "untold": """
from nodes.data_sets.declaration import DataSetDeclaration
class Untold(DataSetDeclaration):
    name, title, kind, description = "untold", "Untold", "table", "No licence."
""",
    "taken": """
from nodes.data_sets.declaration import DataSetDeclaration
class Wine(DataSetDeclaration):
    name, title, kind, licence, description = "wine", "Wine", "table", "none", "Another."
""",
    "unlike": """
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Int
class Unlike(DataSetDeclaration):
    name, title, kind, licence, description = "unlike", "Unlike", "table", "none", "Another."
    window = Int(3, max=5, help="A window unlike that of series.")
""",
    "placed": """
from nodes.data_sets.declaration import DataSetDeclaration
class Placed(DataSetDeclaration):
    name, title, kind, licence, description = "placed", "Placed", "table", "none", "Another."
    place = "first"
""",
    "absent": "open('/no/such/file')\n",
}


def test_broken_sets_are_named_and_left_out_and_the_rest_counts(tmp_path: Path) -> None:
    for name, text in BROKEN.items():
        (tmp_path / f"{name}_set.py").write_text(text)
    metadata = tmp_path / "broken-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    lines = "".join(f"{name} = {name}_set\n" for name in BROKEN)
    (metadata / "entry_points.txt").write_text(f"[layerloom.datasets]\n{lines}")
    told = "from nodes.data_sets.registry import data_sets; import json; "
    reasons = "{one.plug_in.name: one.reason for one in data_sets().broken}"
    code = f"{told}print(json.dumps([{reasons}, list(data_sets())]))"
    broken, names = said(code, packages=(PATH, tmp_path))
    assert broken.keys() == BROKEN.keys()
    assert broken["gone"] == "gone_set: No module named 'no_such_module_anywhere'"
    assert broken["untold"] == "untold_set: data set Untold: expected a `licence`, received ''"
    assert broken["taken"] == "taken_set: data set 'wine' is declared twice"
    assert "Expected parameter 'window' as 'sunspots' has it" in broken["unlike"]
    assert "expected a whole number as `place`, received 'first'" in broken["placed"]
    assert "No such file or directory" in broken["absent"]
    assert len(names) == len(data_sets()) + 1
    assert "checkers" in names


def test_declarations_of_data_sets_load_neither_numpy_nor_torch_nor_the_engine() -> None:
    """With the form filled, a set chosen and its card written; nothing of it is read before `describe`."""
    loaded = "[name for name in ('numpy', 'torch', 'PIL', 'engine', 'app') if name in sys.modules]"
    code = f"{FORM}\nimport sys\nprint(json.dumps({loaded}))"
    assert said(code) == []


def test_loading_the_registry_of_layers_loads_no_data_set() -> None:
    code = "import nodes.registry, json, sys\nprint(json.dumps(list(sys.modules)))"
    assert not [name for name in said(code) if name.startswith(("nodes.data_sets.points", "nodes.reading"))]


def test_the_test_package_needs_one_file_and_one_line() -> None:
    lines = (PATH / "extras-1.0.dist-info" / "entry_points.txt").read_text().splitlines()
    assert [line for line in lines if "checkers" in line] == ["checkers = extras.checkers"]
    named = [
        path
        for folder in ("app", "engine", "nodes", "resources")
        for path in (ROOT / folder).rglob("*.py")
        if "checkers" in path.read_text("utf-8").lower()
    ]
    assert named == []
