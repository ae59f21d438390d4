"""Whatever torch calls its own: a node of that name trains as one of any other name does."""

from __future__ import annotations

import torch
from torch import fx, nn

from engine.compile import compile  # noqa: A004
from engine.document.names import is_node_id
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.train.stepper import Stepper
from tests.drawings import chain

_HELD = (*vars(nn.Module()), *vars(nn.Linear(1, 1)), *vars(fx.GraphModule(nn.Module(), fx.Graph())))
_WRITTEN = (
    "self",
    "torch",
    "device",
    "inf",
    "nan",
    "fx_pytree",
    "pytree",
    "input",
    "range",
    "tuple",
    "len",
    "_",
)
TORCHS = sorted(
    {name for name in (*dir(fx.GraphModule(nn.Module(), fx.Graph())), *_HELD, *_WRITTEN) if is_node_id(name)}
)


def row(names: list[str]) -> Project:
    return chain({"dataset": "circle"}, [(name, "linear", {"out_features": 2}) for name in names])


def weights_after_two_steps(project: Project) -> dict[str, torch.Tensor]:
    plan = compile(project, seed=1)
    stepper, sources = Stepper(plan, 2), Sources(plan)
    plan.train()
    for step in range(2):
        stepper.step(sources.next(), step, 0)
    return plan.model.state_dict()


def test_nodes_with_the_names_of_torchs_own_attributes_train_as_others_do() -> None:
    assert {"_modules", "_parameters", "_buffers", "_non_persistent_buffers_set", "graph", "code"} <= set(
        TORCHS
    )
    odd = weights_after_two_steps(row(TORCHS))
    plain = weights_after_two_steps(row([f"layer{number}" for number in range(len(TORCHS))]))
    assert list(odd) == [f"{name}.{part}" for name in TORCHS for part in ("weight", "bias")]
    assert all(torch.equal(one, other) for one, other in zip(odd.values(), plain.values(), strict=True))
