"""Every layer and gallery project can be a CUDA graph, shown on the pretended device: capturable [NAME …].

The guard that stands before every capture sees each operation of a step, of its update and of its backward
pass: none may wait for the device or read from the memory of the CPU. Prints one line per layer and project;
exits with 1 where a step would be refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.utils._python_dispatch import _disable_current_modes

from tests.pretended_device import CARD
from tests.pretended_device.install import install
from tests.pretended_device.recurrent import CudnnRecurrent
from tests.pretended_device.tensor import OnCard

STEPS = 6


def main(arguments: list[str]) -> int:
    install()
    for name in ("forward", "backward"):
        setattr(CudnnRecurrent, name, staticmethod(_unseen(getattr(CudnnRecurrent, name))))
    from engine.document.storage.gallery import make, templates
    from tests.pretended_device.drawings import drawings
    from tests.pretended_device.layers import layer_kinds

    made = {
        one.name: (lambda name=one.name: make(name)) for one in templates() if not one.full_size
    } | drawings()
    known = {f"layer {kind}": (lambda kind=kind: layer_refusals(kind)) for kind in layer_kinds()}
    known |= {name: (lambda draw=draw: refusals(draw())) for name, draw in made.items()}
    with OnCard():
        faults = [fault for name in arguments or known for fault in _told(name, known[name]())]
    return int(bool(faults))


def _unseen(call: Callable[..., Any]) -> Callable[..., Any]:
    """What stands for one kernel of cuDNN computes on the CPU, which is none of the guard's business."""

    def run(*arguments: Any) -> Any:
        with _disable_current_modes():
            return call(*arguments)

    return run


def _told(name: str, found: list[str]) -> list[str]:
    print(f"{name}: {'; '.join(found) or 'fine'}", flush=True)
    return found


def layer_refusals(kind: str) -> list[str]:
    """Why a step through this layer cannot be captured; it was called before, as in a warm-up."""
    import torch

    from engine.train.cuda_graphs.guard import CaptureGuard, CaptureRefusedError
    from engine.train.cuda_graphs.module_state import ModuleState
    from nodes.registry import REGISTRY
    from nodes.spec import Role
    from tests.nodes import battery

    layer = REGISTRY[kind]()
    if layer.role is Role.METRIC:  # measures between steps
        return []
    module = battery.build(layer).to(CARD).train()
    inputs = [None if one is None else one.to(CARD) for one in battery.tensors(layer)]
    floats = [one.requires_grad_() for one in inputs if one is not None and one.is_floating_point()]

    def call() -> None:
        out = [one for one in battery.outputs(module, *inputs) if one.requires_grad]
        if out and (floats or list(module.parameters())):
            torch.stack([one.float().sum() for one in out]).sum().backward()

    call()
    state = ModuleState({kind: module})
    try:
        with CaptureGuard(torch.device(CARD, 0)):
            call()
    except CaptureRefusedError as error:
        return [str(error)]
    return ["keeps something in Python from step to step"] if state.changed() else []


def refusals(project: object) -> list[str]:
    """Why steps of this project cannot be captured; the first ones run freely, as before a capture."""
    import torch

    from engine.compile import compile  # noqa: A004
    from engine.feed.sources import Sources
    from engine.train.cuda_graphs.guard import CaptureGuard, CaptureRefusedError
    from engine.train.cuda_graphs.loss_ring import LossRing
    from engine.train.cuda_graphs.module_state import ModuleState
    from engine.train.optimiser import LBFGS
    from engine.train.stepper import Stepper

    device = torch.device(CARD, 0)
    plan = compile(project, device)  # type: ignore[arg-type]
    sources, stepper = Sources(plan), Stepper(plan, 100)
    for updating in stepper.optimisers:
        updating.keep_on_device(device)
    ring = LossRing(STEPS, len(stepper.optimisers) + len(stepper.term_names), device)
    plan.train()
    found: dict[str, None] = {}
    for step in range(2 * STEPS if stepper.optimisers else 0):
        acting, inputs = stepper.acting(step), sources.inputs()
        if step < STEPS or any(isinstance(stepper.optimisers[i], LBFGS) for i in acting):
            stepper.step(sources.values_of(inputs), step, 0)
            continue
        modules = ModuleState(plan.modules)
        for i in acting:
            stepper.optimisers[i].prepare(stepper.optimisers[i].reached())
        try:
            with CaptureGuard(device):
                ring.write(stepper.carry_out(stepper.program(acting), sources.values_of(inputs)))
        except CaptureRefusedError as error:
            return [str(error)]
        if path := modules.changed():
            found[f"{path} keeps something in Python from step to step"] = None
        for i in acting:
            stepper.optimisers[i].prepared()
    sources.close()
    return list(found)
