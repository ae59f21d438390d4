"""Drawn cells that torch has a fused kernel for: RNN, LSTM and GRU, told by what they compute.

A cell is taken for one of these only where its terms are the very formula of torch's kernel; the weights of
the kernel are put together from those of the drawing at every call, so that gradients reach them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.compile.scans.terms import Affine, Gate, Leaf, Product, Rest, Sum, Term, WeightSlice, each_once
from engine.expand.flat import FlatEnd

Signed = tuple[Affine | None, float]
"""A weighted sum with its sign; None: nothing is added."""


@dataclass(frozen=True)
class FusedCell:
    """A call of torch's kernel `function`.

    `states` are the ends of the state and, of an LSTM, the cell, in the order of the kernel. `inputs` are
    the leaves of which its input is joined, with their widths. `into` and `recur` are the sums of each gate
    in the order of the kernel: what of them counts with the input, and what with the state.
    """

    function: str
    states: tuple[FlatEnd, ...]
    inputs: tuple[tuple[Leaf, int], ...]
    hidden: int
    into: tuple[Signed, ...]
    recur: tuple[Signed, ...]

    def weights(self) -> list[Tensor]:
        """w_ih, w_hh, b_ih, b_hh as the kernel takes them."""
        state = Leaf(self.states[0])
        return [
            torch.cat([self._weight(part, [leaf for leaf, _ in self.inputs]) for part in self.into]),
            torch.cat([self._weight(part, [state]) for part in self.recur]),
            torch.cat([self._bias(part) for part in self.into]),
            torch.cat([self._bias(part) for part in self.recur]),
        ]

    def run(self, sequence: Tensor, states: list[Tensor], *, training: bool) -> tuple[Tensor, list[Tensor]]:
        """(T, N, hidden) and the states at the end, from (T, N, inputs) and states (N, hidden)."""
        start = [state.unsqueeze(0) for state in states]
        steps, *ends = getattr(torch, self.function)(
            sequence,
            start if len(start) > 1 else start[0],
            self.weights(),
            True,
            1,
            0.0,
            training,
            False,
            False,
        )
        return steps, [end[0] for end in ends]

    def _weight(self, signed: Signed, leaves: list[Leaf]) -> Tensor:
        affine, sign = signed
        widths = dict(self.inputs)
        blocks = []
        for leaf in leaves:
            width = widths.get(leaf, self.hidden)
            found = [_of(part) for source, part in sorted_slices(affine) if source == leaf]
            blocks.append(_added(found) if found else self._zeros(self.hidden, width))
        whole = torch.cat(blocks, 1) if len(blocks) > 1 else blocks[0]
        return whole if sign > 0 else -whole

    def _bias(self, signed: Signed) -> Tensor:
        affine, sign = signed
        parts = sorted(affine.biases, key=_order) if affine is not None else []
        whole = _added([self._zeros(self.hidden)] * (not parts) + [_bias_of(part) for part in parts])
        if affine is not None and affine.shift:
            whole = whole + affine.shift
        return whole if sign > 0 else -whole

    def _zeros(self, *shape: int) -> Tensor:
        some = next(part.module for affine, _ in self.recur if affine for _, part in affine.weights)
        return some.weight.new_zeros(shape)


def _of(part: WeightSlice) -> Tensor:
    return part.module.weight[part.rows[0] : part.rows[1], part.columns[0] : part.columns[1]]


def _bias_of(part: WeightSlice) -> Tensor:
    return part.module.bias[part.rows[0] : part.rows[1]]


def _added(tensors: list[Tensor]) -> Tensor:
    total = tensors[0]
    for tensor in tensors[1:]:
        total = total + tensor
    return total


def _order(part: WeightSlice) -> tuple[int, tuple[int, int], tuple[int, int]]:
    return part.place, part.rows, part.columns


def sorted_slices(affine: Affine | None) -> list[tuple[Leaf, WeightSlice]]:
    return sorted(affine.weights, key=lambda pair: _order(pair[1])) if affine is not None else []


# Recognised ---------------------------------------------------------------------------------------------


def fused_cell(
    after: Mapping[FlatEnd, Term], inputs: Mapping[Leaf, int], widths: Mapping[FlatEnd, int]
) -> FusedCell | None:
    """The kernel that computes these next values of states; None where there is none.

    `after` has the next value by the end of the state, `inputs` the leaves that no state is needed for, with
    their widths; `widths` are those of the states.
    """
    match list(after):
        case [state]:
            return _elman(state, after[state], inputs, widths) or _gru(state, after[state], inputs, widths)
        case [one, other]:
            found = _lstm(one, other, after, inputs, widths)
            return found or _lstm(other, one, after, inputs, widths)
        case _:
            return None


def _elman(
    state: FlatEnd, after: Term, inputs: Mapping[Leaf, int], widths: Mapping[FlatEnd, int]
) -> FusedCell | None:
    if not isinstance(after, Gate) or after.kind not in ("tanh", "relu") or not isinstance(after.of, Affine):
        return None
    return _made(f"rnn_{after.kind}", (state,), [(after.of, 1.0)], inputs, widths)


def _lstm(
    state: FlatEnd,
    cell: FlatEnd,
    after: Mapping[FlatEnd, Term],
    inputs: Mapping[Leaf, int],
    widths: Mapping[FlatEnd, int],
) -> FusedCell | None:
    """h = o · tanh(c'), c' = f · c + i · g."""
    shown = _gates_of(after[state], Gate("tanh", after[cell]))
    summed = after[cell]
    terms = each_once(summed.terms, 2) if isinstance(summed, Sum) else None
    if shown is None or terms is None:
        return None
    for kept, written in (terms, terms[::-1]):
        keep, write = _gates_of(kept, Leaf(cell)), _written(written)
        if keep is not None and write is not None:
            gates = [write[0], keep, write[1], shown]
            return _made("lstm", (state, cell), [(gate, 1.0) for gate in gates], inputs, widths)
    return None


def _gates_of(product: Term, other: Term) -> Affine | None:
    """The sum inside the sigmoid that multiplies `other`."""
    factors = each_once(product.factors, 2) if isinstance(product, Product) else None
    if factors is None or other not in factors:
        return None
    gate = factors[0] if factors[1] == other else factors[1]
    return (
        gate.of if isinstance(gate, Gate) and gate.kind == "sigmoid" and isinstance(gate.of, Affine) else None
    )


def _written(product: Term) -> tuple[Affine, Affine] | None:
    """The sums inside sigmoid and tanh of a product of both."""
    factors = each_once(product.factors, 2) if isinstance(product, Product) else None
    kinds: dict[str, Affine] = {}
    for factor in factors or ():
        if isinstance(factor, Gate) and isinstance(factor.of, Affine):
            kinds[factor.kind] = factor.of
    return (kinds["sigmoid"], kinds["tanh"]) if kinds.keys() == {"sigmoid", "tanh"} else None


def _gru(
    state: FlatEnd, after: Term, inputs: Mapping[Leaf, int], widths: Mapping[FlatEnd, int]
) -> FusedCell | None:
    """h' = (1 − z) · n + z · h with n = tanh(W x + r · (U h)); with z and 1 − z changed, σ(−a) = 1 − σ(a)."""
    terms = each_once(after.terms, 2) if isinstance(after, Sum) else None
    if terms is None:
        return None
    for kept, renewed in (terms, terms[::-1]):
        factors = each_once(kept.factors, 2) if isinstance(kept, Product) else None
        others = each_once(renewed.factors, 2) if isinstance(renewed, Product) else None
        if factors is None or others is None or Leaf(state) not in factors:
            continue
        share = factors[0] if factors[1] == Leaf(state) else factors[1]
        for rest, new in (others, others[::-1]):
            sign = 1.0 if rest == Rest(share) else -1.0 if share == Rest(rest) else 0.0
            update = share if sign > 0 else rest
            if not sign or not isinstance(update, Gate) or update.kind != "sigmoid":
                continue
            candidate = _candidate(new, state)
            if candidate is None or not isinstance(update.of, Affine):
                continue
            reset, into, recur = candidate
            gates: list[Signed] = [(reset, 1.0), (update.of, sign)]
            return _made("gru", (state,), gates, inputs, widths, (into, recur))
    return None


def _candidate(new: Term, state: FlatEnd) -> tuple[Affine, Affine, Affine] | None:
    """Of n = tanh(W x + r · (U h)): the sum inside r, W x, and U h."""
    inner = new.of if isinstance(new, Gate) and new.kind == "tanh" else None
    terms = each_once(inner.terms, 2) if isinstance(inner, Sum) else None
    for into, recalled in (terms, terms[::-1]) if terms is not None else ():
        factors = each_once(recalled.factors, 2) if isinstance(recalled, Product) else None
        for reset, recur in (factors, factors[::-1]) if factors is not None else ():
            if (
                isinstance(into, Affine)
                and isinstance(recur, Affine)
                and recur.from_(frozenset((Leaf(state),)))
                and isinstance(reset, Gate)
                and reset.kind == "sigmoid"
                and isinstance(reset.of, Affine)
                and all(leaf != Leaf(state) for leaf, _ in into.weights)
            ):
                return reset.of, into, recur
    return None


def _made(
    function: str,
    states: tuple[FlatEnd, ...],
    gates: list[Signed],
    inputs: Mapping[Leaf, int],
    widths: Mapping[FlatEnd, int],
    candidate: tuple[Affine, Affine] | None = None,
) -> FusedCell | None:
    """The kernel of these gates, where they read its state and what enters alone."""
    hidden, state = widths[states[0]], Leaf(states[0])
    sums = [affine for affine, _ in gates if affine is not None] + list(candidate or ())
    read = {leaf for affine in sums for leaf, _ in affine.weights}
    entering = [(leaf, width) for leaf, width in inputs.items() if leaf in read]
    known = {leaf for leaf, _ in entering} | {state}
    if read - known or state not in read or not entering:
        return None
    if any(affine.rows != hidden for affine in sums) or any(widths[end] != hidden for end in states):
        return None
    into: list[Signed] = []
    recur: list[Signed] = []
    for affine, sign in gates:
        assert affine is not None
        own = frozenset(pair for pair in affine.weights if pair[0] == state)
        into.append((Affine(affine.rows, affine.weights - own, affine.biases, affine.shift), sign))
        recur.append((Affine(affine.rows, own, frozenset()), sign))
    if candidate is not None:
        into.append((candidate[0], 1.0))
        recur.append((candidate[1], 1.0))
    return FusedCell(function, states, tuple(entering), hidden, tuple(into), tuple(recur))
