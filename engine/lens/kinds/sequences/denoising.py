"""Denoising step: the sums of each step of a diffusion sampler, from noise to data."""

from __future__ import annotations

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.shared.drawn_function import ON_THE_WAY
from nodes.spec import Layer, Role


class DenoisingStep(Lens):
    """Arrays, for k steps of the first m samples: `noisy` (k, m, …), the value before each step, `noise`, the
    one that is predicted of it, `data`, what it is without that noise, cut where the sampler cuts it,
    `direction`, the noise that is left then, and `next`, the value after the step. `factors` (k, 5): of the
    data and of the noise in `noisy`, and of `data`, `direction` and fresh noise in `next`. Where it is
    guided, `without` and `with` are the noise that is predicted without and with the condition, `guidance`
    the scale. `steps` (k), from 1, and `total`, the steps of the sampler; `asked` (m), the prompt or the
    number of the class of each; `of`, how many samples were drawn.
    """

    kind = "denoising"
    title = "Denoising step"
    help = (
        "One step of the sampler in pictures and numbers: the value, the noise that the network predicts in "
        "it, the data that are left without it, and the value after the step. With guidance, the noise with "
        "the condition and without it."
    )
    reads = frozenset({Reads.SAMPLER})
    place = 58

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        from nodes.training.diffusion import DiffusionSampler

        return layer.role is Role.SAMPLER and issubclass(layer, DiffusionSampler)

    def compute(self, seen: Seen) -> Arrays:
        drawn = seen.drawn
        if f"{ON_THE_WAY}noisy" not in drawn or "trail_steps" not in drawn:
            return {}
        names = [name for name in drawn if name.startswith(ON_THE_WAY)]
        found: Arrays = {name.removeprefix(ON_THE_WAY): drawn[name] for name in names}
        count, steps = found["noisy"].shape[1], drawn["trail_steps"]
        asked = drawn.get("prompt", drawn.get("label"))
        if asked is not None:
            found["asked"] = np.array([str(one) for one in asked[:count]])
        return found | {
            "steps": steps[:-1] + 1,
            "total": np.array(int(steps[-1])),
            "of": np.array(len(drawn["samples"])),
        }
