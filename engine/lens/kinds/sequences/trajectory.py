"""Trajectories: one value over time or over the steps of a sampler, as a path in the plane."""

from __future__ import annotations

import numpy as np

from engine.lens.arrays import array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.lens.sequences.paths import in_plane
from engine.report import NodeReport
from nodes.layers.recurrent import Recurrent
from nodes.layers.scan import Scan
from nodes.spec import Layer, Role

STEPS, SAMPLES, ROWS = 1000, 64, 480
"""Most steps of a state, most samples, and most values of which the directions are found."""
MOST_REAL = 500


class StateTrajectory(Lens):
    """Arrays: `paths` (1, T, 2) of the state on its first two principal components, `shares` (2) of its
    variance, `steps`, from 1, and `total` (2): samples and steps that there are.
    """

    kind = "state_trajectory"
    title = "Trajectory"
    help = (
        "How the state of this layer moves while it reads the pinned sample: each step is a point, in the "
        "two directions in which the states of all steps differ most (PCA)."
    )
    reads = frozenset({Reads.INPUTS, Reads.STATES})
    place = 30

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return issubclass(layer, Recurrent | Scan) and report is not None and bool(report.outputs)

    def compute(self, seen: Seen) -> Arrays:
        state = next(iter(seen.states.values()), None)
        if state is None or not len(state):
            return {}
        rows = array(state.float())
        steps = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), STEPS)).round().astype(np.int64))
        points, shares = in_plane(np.nan_to_num(rows[steps]))
        return {
            "paths": points[None].astype(np.float32),
            "shares": shares,
            "steps": steps + 1,
            "total": np.array((1, len(rows))),
        }


class SamplerTrajectory(Lens):
    """Arrays: `paths` (n, k, 2) of samples from noise to what they are, as they are where they have two
    numbers, else on their first two principal components with their `shares` (2) of the variance; `steps` (k)
    of the sampler after which each point was reached, 0 the noise; `total` (2): samples and steps that there
    are; `asked` (n), the prompt or the number of the class of each; `real` (m, 2), data, in the plane.
    """

    kind = "sampler_trajectory"
    title = "Trajectory"
    help = (
        "The way of each sample from noise to what it is in the end: a point for each step. Pictures and "
        "other large values are seen in the two directions in which they differ most (PCA)."
    )
    reads = frozenset({Reads.SAMPLER})
    place = 60

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        from nodes.training.diffusion import DiffusionSampler

        return layer.role is Role.SAMPLER and issubclass(layer, DiffusionSampler)

    def compute(self, seen: Seen) -> Arrays:
        trail, samples = seen.drawn.get("trail"), seen.drawn.get("samples")
        if trail is None or samples is None or trail.ndim < 3 or trail.shape[1] != len(samples):
            return {}
        stages, count = trail.shape[:2]
        values = trail.reshape(stages, count, -1)
        steps = seen.drawn.get("trail_steps", np.arange(stages))
        found: Arrays = {"steps": steps, "total": np.array((count, int(steps[-1])))}
        if values.shape[2] == 2:
            paths = np.asarray(values[:, :SAMPLES], np.float32)
            real = seen.drawn.get("real")
            if real is not None and real.ndim == 2 and real.shape[1] == 2:
                found["real"] = np.asarray(real[:MOST_REAL], np.float32)
        else:
            some = values[:, :SAMPLES].astype(np.float32)
            few = some[:, : max(1, ROWS // stages)]
            width = some.shape[2]
            points, found["shares"] = in_plane(some.reshape(-1, width), few.reshape(-1, width))
            paths = points.reshape(stages, -1, 2).astype(np.float32)
        asked = seen.drawn.get("prompt", seen.drawn.get("label"))
        if asked is not None and len(asked) == count:
            found["asked"] = np.array([str(one) for one in asked[: paths.shape[1]]])
        return found | {"paths": np.ascontiguousarray(paths.swapaxes(0, 1))}
