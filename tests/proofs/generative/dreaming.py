"""What deep dream must reach: a picture that stirs a layer more than real ones do, and one of a class."""

from __future__ import annotations

import torch

from tests.proofs.generative.course import Course
from tests.proofs.generative.figures import classifier

BOOT = 9


def dreams(course: Course) -> tuple[bool, str]:
    """The contrast of the layer's maps is above that of every validation picture; the network, and another
    that never saw the dream, take the dreamt boot for a boot.
    """
    paths = ("network.conv3", "layer_network.conv3", "boot_network.classes")
    found = [values for _, values in course.values(*paths)]
    contrast = torch.cat([values[paths[0]].var((2, 3), correction=0).mean(1) for values in found])
    dreamt = float(found[0][paths[1]].var((2, 3), correction=0).mean())
    sure = float(found[0][paths[2]].flatten(1).softmax(1)[0, BOOT])
    other = classifier(*course.tables())
    picture = torch.from_numpy(course.draw("boot_samples")["samples"])
    with torch.no_grad():
        seen = int(other(picture).argmax())
    return dreamt > float(contrast.max()) and sure >= 0.9 and seen == BOOT, (
        f"contrast of the third layer {dreamt:.3f} (real pictures {float(contrast.mean()):.3f}, at most "
        f"{float(contrast.max()):.3f}), the dreamt boot is one with {sure:.3f}; another network sees "
        f"class {seen}; accuracy {course.validated[-1].metrics['accuracy']:.3f}"
    )
