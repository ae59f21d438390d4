"""Turns gradients into updates, as an objective says: its update rules with clipping of the gradient, rates
of single parts, gradients averaged over several batches, and a running mean of the weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from engine.train.update_rule import Rule, restore
from engine.train.update_rules import RULES, AdamW, Muon
from nodes.torch_internals import foreach_add_, foreach_lerp_, foreach_mul_, foreach_norm
from nodes.training.objective import Objective

Evaluate = Callable[[], Tensor]


class Optimiser:
    """Updates `parameters` (by name) from their `.grad` at `learning_rate`, which may be set at any time.

    `means` are the running means of the weights, where the objective asks for them.
    """

    def __init__(self, objective: Objective, parameters: dict[str, Tensor], rules: list[Rule]) -> None:
        self.learning_rate: float = objective.learning_rate
        self.clip_norm: float = objective.clip_norm
        self.names = list(parameters)
        self.parameters = list(parameters.values())
        self.rules = rules
        self.means: list[Tensor] = []
        self._kept_share: float = objective.ema
        if objective.ema:
            self.means = [parameter.detach().clone() for parameter in self.parameters]
        self._batches: int = objective.accumulate
        self._held: list[Tensor | None] = [None] * len(self.parameters)
        self._places: list[Tensor] | None = None
        """Where gradients that wait are kept, if always in the same memory."""
        self._waiting = 0
        self.average: Callable[[list[Tensor]], None] | None = None
        """Puts the means over several processes into gradients, where a run has several."""

    def step(self) -> None:
        """Take in the gradients of one batch, which are consumed; update with the last of `accumulate`."""
        if self._batches > 1:
            self._hold()
            if self._waiting == self._batches:
                self.finish()
            return
        self._update()

    def finish(self) -> None:
        """Update with the gradients that wait, however few."""
        if not self._waiting:
            return
        for parameter, held in zip(self.parameters, self._held, strict=True):
            parameter.grad = None if held is None else held.div_(self._waiting)
        self._held, self._waiting = [None] * len(self.parameters), 0
        self._update()

    def _hold(self) -> None:
        for i, parameter in enumerate(self.parameters):
            gradient, held = parameter.grad, self._held[i]
            if gradient is not None:
                self._held[i] = self._first(i, gradient) if held is None else held.add_(gradient)
            parameter.grad = None
        self._waiting += 1

    def _first(self, i: int, gradient: Tensor) -> Tensor:
        return gradient if self._places is None else self._places[i].copy_(gradient)

    def _update(self) -> None:
        with torch.no_grad():
            if self.average is not None:
                self.average([p.grad for p in self.parameters if p.grad is not None])
            if self.clip_norm > 0.0:
                clip([p.grad for p in self.parameters if p.grad is not None], self.clip_norm)
            for rule in self.rules:
                rule.step(self.learning_rate)
            if self.means:
                self._average()
        for parameter in self.parameters:
            parameter.grad = None

    def _average(self) -> None:
        foreach_lerp_(self.means, self.parameters, 1.0 - self._kept_share)

    # Updates that are replayed --------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, tuple[bool, ...]]:
        """How many batches wait for an update, and of which parameters their gradients are held."""
        return self._waiting, tuple([held is not None for held in self._held]) if self._waiting else ()

    def keep_on_device(self, device: torch.device) -> None:
        """From here on all that changes from step to step lies on this device, always in the same memory."""
        for rule in self.rules:
            rule.keep_on_device(device)
        if self._batches > 1:
            self._places = [torch.empty_like(parameter).detach() for parameter in self.parameters]

    def reached(self) -> list[Sequence[int]]:
        """By rule, the places of the parameters that the last update reached."""
        return [rule.scalars.live for rule in self.rules if rule.scalars is not None]

    def prepare(self, reached: Sequence[Sequence[int]]) -> tuple[int, ...]:
        """Write the numbers of the update that ends the coming step, if one does, to the device.

        `reached` is what such an update reached before. Returns how many numbers each rule takes.
        """
        if self._waiting + 1 < self._batches:
            return ()
        counts = []
        for rule, live in zip(self.rules, reached, strict=True):
            assert rule.scalars is not None
            rule.prepare(live, self.learning_rate)
            rule.scalars.are_written = True
            counts.append(rule.scalars.count)
        return tuple(counts)

    def prepared(self) -> None:
        """The step is done for which `prepare` was called."""
        for rule in self.rules:
            if rule.scalars is not None:
                rule.scalars.are_written = False

    def drop_gradients(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def progress(self) -> tuple[int, list[Tensor | None]]:
        """How many batches wait, and the memory in which their gradients are added up."""
        return self._waiting, list(self._held)

    def set_progress(self, progress: tuple[int, list[Tensor | None]]) -> None:
        """Stand where `progress` was told."""
        self._waiting, self._held = progress[0], list(progress[1])

    # State ----------------------------------------------------------------------------------------

    def state(self) -> dict[str, Tensor]:
        """Everything remembered, as `MOMENT/PARAMETER`; the means of the weights are apart, in `averages`."""
        found = {key: tensor for rule in self.rules for key, tensor in rule.state().items()}
        if self._waiting:
            held = zip(self.names, self._held, strict=True)
            found |= {f"held/{name}": tensor for name, tensor in held if tensor is not None}
            found["waiting"] = torch.tensor(self._waiting)
        return found

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        with torch.no_grad():
            for rule in self.rules:
                rule.load_state(dict(state))
        self._waiting = int(state.get("waiting", 0))
        for i, (name, parameter) in enumerate(zip(self.names, self.parameters, strict=True)):
            held = state.get(f"held/{name}")
            place = torch.empty_like(parameter).detach() if self._places is None else self._places[i]
            self._held[i] = None if held is None else place
            if held is not None:
                restore(place, held, f"held/{name}")

    def averages(self) -> dict[str, Tensor]:
        """The running means of the weights by name; empty where the objective keeps none."""
        return dict(zip(self.names, self.means, strict=True)) if self.means else {}

    def load_averages(self, averages: Mapping[str, Tensor]) -> None:
        """Take up means; a weight without one starts from its present value."""
        for name, mean, parameter in zip(self.names, self.means, self.parameters, strict=False):
            restore(mean, averages.get(name, parameter.detach()), f"average/{name}")


class LBFGS(Optimiser):
    """Limited-memory BFGS with a line search for the strong Wolfe conditions (Nocedal, 1980), by torch."""

    STATES = ("d", "prev_flat_grad", "H_diag", "t", "prev_loss", "func_evals", "n_iter")
    HISTORY = ("old_dirs", "old_stps", "ro")

    def __init__(self, objective: Objective, parameters: dict[str, Tensor]) -> None:
        super().__init__(objective, parameters, [])
        from torch import optim  # imports the whole of torch's compiler

        self.weight_decay: float = objective.weight_decay
        self._inner = optim.LBFGS(
            self.parameters,
            max_iter=objective.iterations,
            history_size=objective.history,
            line_search_fn="strong_wolfe",
        )

    def search(self, evaluate: Evaluate) -> None:
        """One update; `evaluate` computes the loss anew and its gradients."""

        def closure() -> Tensor:
            for parameter in self.parameters:
                parameter.grad = None
            loss = evaluate().detach()
            reached = [parameter for parameter in self.parameters if parameter.grad is not None]
            gradients = [parameter.grad for parameter in reached if parameter.grad is not None]
            with torch.no_grad():
                if self.average is not None:
                    self.average([*gradients, loss])
                if self.weight_decay:
                    foreach_add_(gradients, reached, alpha=self.weight_decay)
                    squares = torch.stack(foreach_norm(reached)).square().sum()
                    loss = loss + 0.5 * self.weight_decay * squares
                if self.clip_norm > 0.0:
                    clip(gradients, self.clip_norm)
                for parameter in self.parameters:  # torch looks at them as rows, which channels last are not
                    parameter.grad = None if parameter.grad is None else parameter.grad.contiguous()
            return loss

        if self.learning_rate == 0.0:  # a line of no length cannot be searched
            closure()
        else:
            self._inner.param_groups[0]["lr"] = self.learning_rate
            self._inner.step(closure)  # type: ignore[no-untyped-call]
        if self.means:
            with torch.no_grad():
                self._average()
        for parameter in self.parameters:
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        inner = self._inner.state.get(self.parameters[0], {})
        found = {
            f"search/{name}": value if isinstance(value, Tensor) else torch.tensor(value, dtype=torch.float64)
            for name in self.STATES
            if (value := inner.get(name)) is not None
        }
        for name in self.HISTORY:
            if inner.get(name):
                found[f"search/{name}"] = torch.stack(list(inner[name]))
        return found

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        self._inner.state.clear()
        if "search/n_iter" not in state:
            return
        device = self.parameters[0].device
        inner = self._inner.state[self.parameters[0]]
        for name in self.STATES:
            value = state.get(f"search/{name}")
            if value is not None:
                plain = value.dtype == torch.float64 and value.dim() == 0
                inner[name] = float(value) if plain else value.clone().to(device)
        for name in ("func_evals", "n_iter"):
            inner[name] = int(inner[name])
        for (
            name
        ) in self.HISTORY:  # each in memory of its own: where a row begins, sums add up in another order
            rows = state.get(f"search/{name}", ())
            inner[name] = [row.clone().to(device) for row in rows]


def optimiser(
    objective: Objective, parameters: dict[str, Tensor], factors: Mapping[str, float] | None = None
) -> Optimiser:
    """The optimiser that this objective names, over these parameters; `factors` of the rate by name."""
    if objective.optimiser == "lbfgs":
        return LBFGS(objective, parameters)
    groups: dict[tuple[type[Rule], float], dict[str, Tensor]] = {}
    for name, parameter in parameters.items():
        key = _rule(objective, parameter), (factors or {}).get(name, 1.0)
        groups.setdefault(key, {})[name] = parameter
    rules = [rule(objective, group, factor) for (rule, factor), group in groups.items()]
    return Optimiser(objective, parameters, rules)


def _rule(objective: Objective, parameter: Tensor) -> type[Rule]:
    if objective.optimiser == "muon":
        return Muon if parameter.dim() == 2 else AdamW
    return RULES[objective.optimiser]


def clip(gradients: list[Tensor], longest: float) -> None:
    """Shorten the gradients in place so that their common length is at most `longest`."""
    if not gradients:
        return
    norms = foreach_norm(gradients)
    total = torch.linalg.vector_norm(torch.stack(norms))
    factor = (longest / (total + 1e-6)).clamp_max_(1.0)
    foreach_mul_(gradients, factor)
