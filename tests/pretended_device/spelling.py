"""Reads the product's sources with "cuda" spelt "card" and `torch.cuda` spelt `torch.card`."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
from typing import Any

from tests import ROOT
from tests.pretended_device import CARD

ROOMS = ("engine", "nodes")
WORDS = (b"cuda", b"torch.Generator")
"""What is spelt otherwise."""
AS_WRITTEN = ("engine.train.cuda_graphs",)
"""Rooms that stay as they are: what they do exists on CUDA alone, and they know that it is not there."""


class Spelt(ast.NodeTransformer):
    """The same module for the card."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.copy_location(ast.Constant(CARD), node) if node.value == "cuda" else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "torch":
            node.attr = {"cuda": CARD, "Generator": "card_generator"}.get(node.attr, node.attr)
        return node


class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:  # type: ignore[override]
        return compile(
            ast.fix_missing_locations(Spelt().visit(ast.parse(data))), path, "exec", dont_inherit=True
        )

    def get_code(self, fullname: str) -> Any:
        path = self.get_filename(fullname)
        data = self.get_data(path)
        if not any(word in data for word in WORDS):
            return super().get_code(fullname)  # compiled before
        return self.source_to_code(data, path)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.partition(".")[0] not in ROOMS or name.startswith(AS_WRITTEN):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path or [str(ROOT)])
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec
