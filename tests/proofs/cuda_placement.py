"""CUDA without a GPU: every layer and gallery project runs whole on a pretended device, and no step waits.

Training, validation, metrics, lenses, samplers, checkpoints and resuming go on a pretended device whose
tensors refuse what CUDA refuses (`tests/pretended_device`); losses must be the CPU's where no layer draws,
looking must change nothing, and a run must go on to the same bits, or on another kind of device with a
warning. Prints one line per item; exits with 1 on any fault. Arguments: "layers", "choices", "gallery",
"drawings", "ranks" or single ones of them; "--with MODULE" adds the layers of a module,
"--quick" validates on two batches.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Iterable
from typing import Any

from tests.pretended_device.install import install
from tests.pretended_device.tensor import OnCard


def main(arguments: list[str]) -> int:
    """Prints what was found; 0 where all is well."""
    install()
    arguments, added = list(arguments), []
    while "--with" in arguments:
        place = arguments.index("--with")
        added += add_layers(arguments.pop(place + 1))
        arguments.pop(place)
    from tests.pretended_device.projects import count_waits, validate_little

    count_waits()
    if "--quick" in arguments:
        arguments.remove("--quick")
        validate_little()
    asked = items(arguments, added)
    gc.freeze()  # every run on the card ends with a collection: what was imported need not be looked at
    with OnCard():
        faults = sum(report(name, find()) for name, find in asked)
    print(f"{faults} faults")
    return int(faults > 0)


def add_layers(name: str) -> list[str]:
    """Register the layers that are declared in this module; their types."""
    from nodes.registry import REGISTRY

    before = set(REGISTRY)
    REGISTRY.add_module(importlib.import_module(name))
    return [kind for kind in REGISTRY if kind not in before]


def items(asked: Iterable[str], added: Iterable[str]) -> Iterable[tuple[str, Callable[[], list[str]]]]:
    """(name, how to find its faults) of what was asked for; of everything where nothing was. Layers that
    were added are always asked for, and stand in a drawing too.
    """
    from engine.document.storage.gallery import make, templates
    from nodes.registry import REGISTRY
    from tests.pretended_device.drawings import diverging, drawings, out_of_range, streamed, with_layer
    from tests.pretended_device.layers import layer_faults, layer_kinds, variants
    from tests.pretended_device.projects import project_faults, same_end_faults
    from tests.pretended_device.ranks import rank_faults, shared

    found: dict[str, tuple[str, Callable[[], list[str]]]] = {}
    for kind in layer_kinds():
        found[f"layer {kind}"] = "layers", lambda kind=kind: layer_faults([REGISTRY[kind]()])
        found[f"choices of {kind}"] = "choices", lambda kind=kind: layer_faults(variants(kind))
    for template in (each for each in templates() if not each.full_size):
        found[template.name] = "gallery", lambda name=template.name: project_faults(make(name))
    for kind in added:
        found[f"a drawing with {kind}"] = "drawings", lambda kind=kind: project_faults(with_layer(kind))
    for name, draw in drawings().items():
        found[name] = "drawings", lambda draw=draw: project_faults(draw())
    found["dropout and batch norm, streamed"] = (
        "drawings",
        lambda: streamed()(project_faults)(drawings()["dropout and batch norm"]()),
    )
    for name, draw in {"a run that diverges": diverging, "labels that are no classes": out_of_range}.items():
        found[name] = "drawings", lambda draw=draw: same_end_faults(draw())
    for name, draw in shared().items():
        found[f"{name} of several processes"] = "ranks", lambda draw=draw: rank_faults(draw())
    asked = set(asked)
    for kind in added if asked else ():
        asked |= {f"layer {kind}", f"a drawing with {kind}"}
    unknown = asked - {"layers", "choices", "gallery", "drawings", "ranks", *found}
    if unknown:
        groups = "layers, choices, gallery, drawings, ranks"
        raise SystemExit(f"Expected {groups} or one of them. Received {', '.join(unknown)}.")
    return [(name, find) for name, (group, find) in found.items() if not asked or {name, group} & asked]


def report(name: str, faults: list[Any]) -> int:
    print(f"{name}: {'fine' if not faults else ''}", flush=True)
    for fault in faults:
        print(f"    {fault}", flush=True)
    return len(faults)
