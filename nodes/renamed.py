"""Names that a plug-in may know from earlier versions, and what they are called now.

The only place that knows old names of the API of layers. The product itself keeps no alias for them: a
plug-in that uses one is left out, with a sentence that says what to write instead.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

from nodes.user_error import UserError

LAYER, LAYER_ERROR = "nodes.spec.Layer", "nodes.spec.LayerError"
_CLASSES = (f"{LAYER}.", f"{LAYER_ERROR}.")
RENAMED = {
    "nodes.spec.Mend": "nodes.spec.ProposedFix",
    f"{LAYER}.telling": f"{LAYER}.card_label",
    f"{LAYER}.port_mends": f"{LAYER}.port_fixes",
    f"{LAYER_ERROR}.mends": f"{LAYER_ERROR}.fixes",
    "nodes.window.told": "nodes.shared.sliding_window.kernel_label",
    "nodes.targets.truth_mends": "nodes.shared.targets.truth_fixes",
    "nodes.attention.token_mends": "nodes.layers.attention.token_fixes",
    "nodes.modules.fused.fused": "nodes.modules.activation_option.with_activation",
    "nodes.shape.Pad": "nodes.layers.padding.Pad",
    **{
        f"nodes.modules.attention.{name}": f"nodes.modules.sequences.positions.{name}"
        for name in ("LearnedPositions", "SinusoidalPositions")
    },
    **{
        f"nodes.sampler.{name}": f"nodes.shared.drawn_function.{name}"
        for name in ("Drawn", "Found", "Function", "Loop", "Origin")
    },
    # Modules; a name in one of them is in the module that it is now.
    "nodes.by_hand": "nodes.shared.manual_weights",
    "nodes.chance": "nodes.layers.stochastic",
    "nodes.fitting": "nodes.shared.shape_fixes",
    "nodes.fused": "nodes.shared.activation_option",
    "nodes.modules.by_hand": "nodes.modules.manual_weights",
    "nodes.modules.chance": "nodes.modules.stochastic",
    "nodes.modules.fused": "nodes.modules.activation_option",
    "nodes.targets": "nodes.shared.targets",
    "nodes.telling": "nodes.shared.card_label",
    "nodes.unit": "nodes.layers.threshold",
    "nodes.window": "nodes.shared.sliding_window",
    **{f"nodes.{name}": f"nodes.data.{name}" for name in ("augment", "output", "source")},
    **{
        f"nodes.{name}": f"nodes.layers.{name}"
        for name in (
            "activation", "attention", "convolution", "dense", "math", "normalisation", "pooling",
            "recurrent", "regularisation", "resize", "shape", "structure", "transposed",
        )
    },
    **{
        f"nodes.{name}": f"nodes.training.{name}"
        for name in (
            "adversarial", "diffusion", "loss", "metric", "objective", "pairs", "penalty", "sampler",
        )
    },
}  # fmt: skip
"""Old dotted name -> present one."""
GONE = {
    f"{module}.{name}": "ask nodes.data_sets.registry.data_sets for what a data set has"
    for module in ("nodes.source", "nodes.data.source")
    for name in (
        "CATALOGUE", "CLASSES", "CLOUDS", "CLOUD_SAMPLES", "COLUMNS", "IMAGES", "OWN", "POINTS", "SERIES",
        "SHUFFLED", "SPLIT", "TEXTS", "TRUTH_TABLES", "WITH_PATH",
    )
}  # fmt: skip
"""Old dotted name -> what to do without it."""
_CANNOT_IMPORT = re.compile(r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'")


class RenamedError(UserError):
    """A plug-in uses a name of an earlier version. The message says which, and what it is called now."""

    def __init__(self, old: str) -> None:
        told = f"is gone: {GONE[old]}" if old in GONE else f"is now called {_shown(present(old))}"
        super().__init__(f"uses {_shown(old)}, which {told}")


def present(old: str) -> str:
    """What a dotted name is called now; "" where neither it nor what it is in was renamed."""
    if old in RENAMED:
        return RENAMED[old]
    home, dot, name = old.rpartition(".")
    moved = present(home) if dot else ""
    return f"{moved}.{name}" if moved else ""


def _shown(name: str) -> str:
    """A member of a class by the class, all else by its module."""
    return name.removeprefix("nodes.spec.") if name.count(".") > 2 and name.startswith(_CLASSES) else name


def behind(error: BaseException) -> RenamedError | None:
    """What an error of a plug-in's import is really about: a name that is called something else now."""
    found = _CANNOT_IMPORT.search(str(error))
    asked = ""
    if isinstance(error, ImportError):
        asked = f"{found[2]}.{found[1]}" if found else error.name or ""
    elif isinstance(error, AttributeError):
        asked = _attribute(error)
    elif isinstance(error, TypeError) and "LayerError" in str(error):
        keyword = re.search(r"keyword argument '(\w+)'", str(error))
        asked = f"{LAYER_ERROR}.{keyword[1]}" if keyword else ""
    return RenamedError(asked) if present(asked) or asked in GONE else None


def _attribute(error: AttributeError) -> str:
    """The dotted name that was asked of a module, of a class or of an instance of one."""
    if isinstance(error.obj, ModuleType):
        return f"{error.obj.__name__}.{error.name}"
    kind = error.obj if inspect.isclass(error.obj) else type(error.obj)
    named = (f"{_name(base)}.{error.name}" for base in kind.__mro__)
    return next((name for name in named if name in RENAMED), "")


def check_source(text: str) -> None:
    """Raise `RenamedError` where a module imports an old name or makes a `LayerError` with an old keyword.

    Much of that is inside `build` or `check`, and would fail in the middle of a drawing. What a module tries
    and does without is left alone.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # whoever loads it says where
    for name in _asked(tree):
        if present(name) or name in GONE:
            raise RenamedError(name)


def check_classes(module: ModuleType) -> None:
    """Raise `RenamedError` where a layer overrides a method under its old name, which nobody would call."""
    for kind in list(vars(module).values()):
        if inspect.isclass(kind) and kind.__module__ == module.__name__:
            _check_members(kind)


def _check_members(kind: type) -> None:
    if LAYER not in map(_name, kind.__mro__):
        return
    for name in vars(kind):
        old = f"{LAYER}.{name}"
        if old in RENAMED and present(old).rpartition(".")[2] not in vars(kind):
            raise RenamedError(old)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _asked(part: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported, and of the keywords that a `LayerError` is made with."""
    if isinstance(part, ast.Import):
        yield from (alias.name for alias in part.names)
    elif isinstance(part, ast.ImportFrom) and part.module and not part.level:
        yield from (f"{part.module}.{alias.name}" for alias in part.names)
    elif isinstance(part, ast.Call) and ast.unparse(part.func).rpartition(".")[2] == "LayerError":
        yield from (f"{LAYER_ERROR}.{keyword.arg}" for keyword in part.keywords)
    if not isinstance(part, ast.Try):
        for inner in ast.iter_child_nodes(part):
            yield from _asked(inner)
