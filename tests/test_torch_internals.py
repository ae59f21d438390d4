"""Private names of torch are used in one module alone, which says what to do when one is gone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

from nodes import torch_internals
from tests import ROOT
from tests.test_house import modules, nodes_of

HOME = Path(torch_internals.__file__)
HELD = {
    name
    for kind in (nn.Module(), torch.Tensor, torch.UntypedStorage, torch.Generator, torch.ops.aten.add.Tensor)
    for name in dir(kind)
    if name.startswith("_") and not name.startswith("__")
}
"""Private attributes of torch's own objects."""
OF_SEQUENCES = {name for name in vars(nn.LSTM(1, 1)) if name.startswith("_")} - vars(nn.Module()).keys()
"""Those of its recurrent modules, which ours are too: no attribute of our own is called so."""


def is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def dotted(node: ast.AST) -> str:
    """`torch.a.b` as text; "" for what is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def private_uses(nodes: tuple[ast.AST, ...]) -> list[str]:
    """Every private name of torch among these nodes of a syntax tree."""
    found = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("torch.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "torch":
            found += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            name = dotted(node)
            if name.startswith(("torch.", "nn.", "F.", "fx.")):
                found.append(name)
            elif node.attr in OF_SEQUENCES or (
                node.attr in HELD and dotted(node.value) not in ("self", "cls")
            ):
                found.append(f"….{node.attr}")
    return sorted(name for name in set(found) if is_private(name))


def test_private_names_of_torch_are_used_in_one_module() -> None:
    paths = [path for path in modules().values() if "torch" in path.read_text("utf-8")]
    used = {str(path.relative_to(ROOT)): private_uses(nodes_of(path)) for path in paths}
    assert set(used.pop(str(HOME.relative_to(ROOT)))) > {"torch._foreach_add", "torch._fused_adam_"}
    assert {path: names for path, names in used.items() if names} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import torch\ntorch._foreach_add(a, b)", ["torch._foreach_add"]),
        ("from torch._subclasses.fake_tensor import X", ["torch._subclasses.fake_tensor.X"]),
        ("from torch.nn.modules.batchnorm import _BatchNorm", ["torch.nn.modules.batchnorm._BatchNorm"]),
        ("import torch._dynamo", ["torch._dynamo"]),
        ("torch.ops.aten._softmax(x)", ["torch.ops.aten._softmax"]),
        ("module._modules['a'] = b", ["…._modules"]),
        ("tensor.untyped_storage()._cdata", ["…._cdata"]),
        ("self._flat_weights", ["…._flat_weights"]),
        ("self._modules = {}\ntorch.relu(self._values)", []),
    ],
)
def test_a_private_name_is_found(text: str, found: list[str]) -> None:
    assert private_uses(tuple(ast.walk(ast.parse(text)))) == found


def test_each_private_name_says_what_to_do_when_it_is_gone() -> None:
    """Every group of names has a comment or a docstring with an advice, and every name is used somewhere."""
    text = HOME.read_text("utf-8")
    groups = text.split("\n\n")
    silent = [group for group in groups if "torch._" in group and not group.startswith('"""')]
    assert [group for group in silent if "When " not in group and "import (" not in group] == []
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert [each.name for each in functions if "When it" not in (ast.get_docstring(each) or "")] == []
    rest = "".join(path.read_text("utf-8") for path in modules().values() if path != HOME)
    names = [name for name in vars(torch_internals) if not name.startswith("_")]
    own = {"torch", "nn", "Tensor", "Any", "SimpleNamespace", "annotations"}
    assert [name for name in names if name not in own and name not in rest] == []
