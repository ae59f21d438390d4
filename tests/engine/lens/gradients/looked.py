"""Lenses of gradients computed for a small drawing, as a run would."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.compile import Plan, compile  # noqa: A004
from engine.document.project import Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.messages.lens_request import LensRequest, options_of

Arrays = dict[str, NDArray[Any]]


def opened(project: Project, index: int = 0) -> tuple[Plan, Feeds]:
    """A compiled drawing, and the samples that its lenses look at."""
    plan = compile(project, "cpu")
    sources = Sources(plan)
    return plan, Feeds.of(sources, index)


def arrays_of(plan: Plan, feeds: Feeds, kind: str, target: str, **options: Any) -> Arrays:
    """The arrays of one frame; none where there is no frame. What fails is raised."""
    looked = look(plan, feeds, [LensRequest(kind, target, options_of(options))], 1)
    for failed in looked.failed:
        raise failed.error
    return dict(looked.frames[0].arrays) if looked.frames else {}


def untouched(plan: Plan) -> tuple[object, ...]:
    """All that a look must leave as it is, to be compared."""
    state = {name: value.numpy().tobytes() for name, value in plan.model.state_dict().items()}
    modes = [module.training for module in plan.model.modules()]
    places = [one.data_ptr() for one in plan.model.parameters()]
    assert all(one.grad is None for one in plan.model.parameters())
    assert torch.is_grad_enabled()
    return state, modes, places, torch.get_rng_state().numpy().tobytes()


def picture_and_label(feeds: Feeds) -> tuple[torch.Tensor, torch.Tensor]:
    return feeds.pinned[FlatEnd("data", "input")].clone(), feeds.pinned[FlatEnd("data", "target")]


def same(found: Any, expected: torch.Tensor) -> None:
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=1e-4, atol=1e-6)
