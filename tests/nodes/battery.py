"""What must be true of every layer, whoever declares it: one check per function, each taking an instance."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, fx, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from nodes.data.source import DrawnSource
from nodes.param import Bool, Choice, Float, Floats, Int, Param, ParamError, Shape, Size, Text
from nodes.registry import Registry
from nodes.spec import BatchDim, Layer, LayerError, Port, Role, TensorSpec

COMPUTING = (Role.MODULE, Role.LOSS, Role.METRIC)
MESSAGE = re.compile(r"Expected .+\. Received .+\.", re.DOTALL)


def tensors(layer: Layer, batch: int = 4) -> list[Tensor | None]:
    """Random tensors for the example inputs of a layer, as its module's `forward` takes them."""
    flat: list[TensorSpec | None] = []
    for entry in layer.example_inputs():
        flat.extend(entry if isinstance(entry, tuple) else (entry,))
    return [None if spec is None else tensor(spec, batch) for spec in flat]


def tensor(spec: TensorSpec, batch: int = 4) -> Tensor:
    """A random tensor of this spec."""
    shape = [batch * dim.times if isinstance(dim, BatchDim) else dim for dim in spec.shape]
    if spec.is_float:
        return torch.randn(shape, dtype=getattr(torch, spec.dtype))
    return torch.randint(0, spec.classes or 2, shape, dtype=getattr(torch, spec.dtype))


def outputs(module: nn.Module, *inputs: Tensor | None) -> tuple[Tensor, ...]:
    """What the module returns, always as a tuple."""
    returned = module(*inputs)
    return returned if isinstance(returned, tuple) else (returned,)


@contextmanager
def seeded(seed: int = 0) -> Iterator[None]:
    """The CPU's random numbers start from this seed; `torch.manual_seed` is slow, it seeds all devices."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


def said(module: nn.Module, inputs: list[Tensor | None]) -> tuple[Tensor, ...]:
    """What a module returns without gradients, from the same random state every time."""
    with seeded(1), torch.no_grad():
        return outputs(module, *inputs)


def build(layer: Layer) -> nn.Module:
    """The module for the example inputs, which the layer must accept."""
    inputs = layer.example_inputs()
    layer.check(*inputs)
    with seeded():
        return layer.build(*inputs)


def check_shapes(layer: Layer) -> None:
    """Fake tensors give the shapes and dtypes of real ones, training and evaluating, at two batch sizes."""
    if layer.role not in (Role.MODULE, Role.LOSS):
        return
    for batch in (2, 5):
        for training in (True, False):
            real = outputs(build(layer).train(training), *tensors(layer, batch))
            with FakeTensorMode(), torch.no_grad():
                fake = outputs(build(layer).train(training), *tensors(layer, batch))
            assert [(t.shape, t.dtype) for t in fake] == [(t.shape, t.dtype) for t in real]
            assert len(real) == len(layer.output_ports())
            if layer.role is Role.MODULE and layer.input_ports():
                assert all(t.shape[0] == batch for t in real)
            else:  # a loss, or a value that no sample enters
                assert real[0].shape == ()


def check_gradients(layer: Layer) -> None:
    """A finite gradient reaches every parameter and every input of the main flow."""
    if layer.role not in (Role.MODULE, Role.LOSS):
        return
    module = build(layer).train()
    inputs = tensors(layer)
    real = [value for value in inputs if value is not None and value.is_floating_point()]
    if not real and not list(module.parameters()):
        return
    for value in real:
        value.requires_grad_()
    if not layer.passes_gradients:
        assert not any(value.requires_grad for value in outputs(module, *inputs))
        return
    inputs, asked = _hanging_on(layer, inputs)
    leaving = [value for value in outputs(module, *inputs) if value.is_floating_point()]
    torch.stack([(value * torch.randn_like(value)).sum() for value in leaving]).sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
    for port, value in zip(layer.input_ports(), inputs, strict=False):
        if value is not None and value.requires_grad and port.name in asked:
            assert value.grad is not None, port.name
            assert value.grad.isfinite().all(), port.name


def _hanging_on(layer: Layer, inputs: list[Tensor | None]) -> tuple[list[Tensor | None], set[str]]:
    """The inputs, those that are differentiated in the forward pass with the others hanging on them; and
    the names of the ports whose inputs must get a gradient."""
    ports = layer.input_ports()
    place = next((i for i, port in enumerate(ports) if port.differentiated), None)
    if place is None:
        return inputs, {port.name for port in ports if not port.side}
    basis = inputs[place]
    assert basis is not None
    amount = basis.flatten(1).square().sum(1)
    hanging = [
        value if value is None or value is basis else value * amount.reshape(-1, *[1] * (value.dim() - 1))
        for value in inputs
    ]
    return hanging, {ports[place].name}


def check_copies(layer: Layer) -> None:
    """A module can be copied, its weights saved and loaded; it then says the same."""
    if layer.role not in COMPUTING:
        return
    module = build(layer).eval()
    twin, fresh = copy.deepcopy(module), build(layer).eval()
    fresh.load_state_dict({name: value.clone() for name, value in module.state_dict().items()})
    if layer.role is Role.METRIC:
        return
    inputs = tensors(layer)
    first = said(module, inputs)
    for other in (module, twin, fresh):
        assert all(torch.equal(a, b) for a, b in zip(first, said(other, inputs), strict=True))


def check_seeds(layer: Layer) -> None:
    """Training, the same seed gives the same values, and inputs are left as they are."""
    if layer.role not in (Role.MODULE, Role.LOSS):
        return
    inputs = tensors(layer)
    before = [None if value is None else value.clone() for value in inputs]
    found = []
    for _ in range(2):
        module = build(layer).train()
        with seeded(7):
            found.append(outputs(module, *inputs))
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
    assert all(a is b or torch.equal(a, b) for a, b in zip(inputs, before, strict=True))


def check_graph(layer: Layer) -> None:
    """As one node of a torch.fx graph the module gives what it gives alone."""
    if layer.role not in (Role.MODULE, Role.LOSS):
        return
    module, inputs = build(layer).eval(), tensors(layer)
    graph = fx.Graph()
    entries = [graph.placeholder(f"x{i}") for i in range(len(inputs))]
    graph.output(graph.call_module("layer", tuple(entries)))
    drawn = fx.GraphModule({"layer": module}, graph)
    alone, within = said(module, inputs), said(drawn, inputs)
    assert all(torch.equal(a, b) for a, b in zip(alone, within, strict=True))


def check_devices(layer: Layer) -> None:
    """On another device and in another precision nothing stays behind: no constant of its own kind."""
    if layer.role not in COMPUTING:
        return
    inputs = [one if one is None else one.to("meta") for one in tensors(layer)]
    if layer.role is Role.METRIC:
        build(layer).to("meta").update(*inputs)
        return
    for training in (True, False):
        leaving = outputs(build(layer).to("meta").train(training), *inputs)
        assert all(value.device.type == "meta" for value in leaving)
    real = [one.double() if one is not None and one.is_floating_point() else one for one in inputs]
    if all(a is b for a, b in zip(real, inputs, strict=True)):
        return
    leaving = outputs(build(layer).to("meta").double(), *real)
    assert all(value.dtype == torch.float64 for value in leaving if value.is_floating_point())


def check_metric(layer: Layer) -> None:
    """A metric gathers over batches and forgets on reset; half the samples twice are the whole once."""
    if layer.role is not Role.METRIC:
        return
    module, inputs = build(layer), tensors(layer, 6)
    module.update(*inputs)
    once = module.compute().clone()
    module.reset()
    for part in (slice(0, 3), slice(3, 6)):
        module.update(*(value[part] for value in inputs))
    assert torch.allclose(once, module.compute())
    assert once.shape == ()


def check_source(layer: Layer) -> None:
    """A source that draws hands out what it says, and the same from the same random state."""
    if not isinstance(layer, DrawnSource):
        return
    first, again = (layer.draw(5, torch.Generator().manual_seed(0)) for _ in range(2))
    assert torch.equal(first, again)
    assert first.shape == (5, *layer.spec().features)
    assert str(first.dtype) == f"torch.{layer.spec().dtype}"
    assert layer.spec().is_float or 0 <= first.min() <= first.max() < (layer.spec().classes or 2)


def check_round_trip(layer: Layer) -> None:
    """Parameters survive the file: only what differs from the defaults is written."""
    written = json.loads(json.dumps(layer.changed()))
    assert type(layer)(**written) == layer
    assert hash(type(layer)(**written)) == hash(layer)
    assert type(layer)().changed() == {}


def wrong_values(param: Param) -> list[object]:
    """Values of this parameter that it must refuse."""
    wrong: list[object] = [None, {"a": 1}]
    match param:
        case Int() | Float():
            wrong += ["3", True, float("nan"), float("inf"), 1e39, -1e39, 10**400]
            wrong += [param.min - 1] if param.min > -(2**31) else []
            wrong += [param.max + 1] if param.max < float("inf") else []
        case Floats():
            wrong += ["3", [True], [float("nan")], [1.0, 1e39], [10**400]]
        case Size():
            wrong += ["3", param.min - 1, [1] * (param.dims + 1)]
        case Shape():
            wrong += ["3", [0.5], [param.min - 1]]
        case Choice():
            wrong += ["no such choice", 3]
        case Bool():
            wrong += [1, "true"]
        case Text():
            wrong += [3]
    return wrong


def check_refusals(layer: Layer) -> None:
    """A wrong value of any parameter, or an unknown parameter, is refused: Expected … Received …"""
    for name, param in layer.params.items():
        for value in wrong_values(param):
            with pytest.raises(ParamError, match=MESSAGE) as caught:
                type(layer)(**{name: value})
            assert caught.value.name == name
    with pytest.raises(ParamError, match=MESSAGE):
        type(layer)(no_such_parameter=1)


def check_words(layer: Layer) -> None:
    """Help, ranges and card line are there, and as short as their place asks for."""
    cls = type(layer)
    assert cls.summary().endswith((".", ")", "]")), cls.summary()
    assert 20 <= len(cls.summary()) <= 180
    assert all(20 >= len(param.label) > 0 and param.help.endswith(".") for param in cls.params.values())
    assert all(len(param.help) <= 110 for param in cls.params.values())
    line = layer.card_label()
    assert len(line) <= 42, line
    assert "\n" not in line
    assert line == line.strip(" ·")
    assert cls.aliases, "a student types another word than the title"
    assert all(alias == alias.lower() for alias in cls.aliases)


def check_found(layer: Layer, registry: Registry) -> None:
    """The registry finds it by type, by its title and by every alias."""
    cls = type(layer)
    assert registry[cls.type] is cls
    for text in (cls.title, *cls.aliases):
        assert cls in registry.search(text), text
    assert registry.make(cls.type, layer.changed()) == layer


def check_arithmetic(layer: Layer) -> None:
    """The sum behind the shape can be told for the example, on a few short lines."""
    if layer.role not in (Role.MODULE, Role.LOSS):
        return
    real = outputs(build(layer).eval(), *tensors(layer, 3))
    specs = tuple(TensorSpec((BatchDim(), *value.shape[1:])) for value in real)
    text = layer.arithmetic(layer.example_inputs(), specs)
    assert all(len(line) <= 60 for line in text.splitlines())


def odd_inputs(layer: Layer, chance: random.Random) -> list[TensorSpec | tuple[TensorSpec, ...] | None]:
    """Inputs that the ports take by rank and dtype; their sizes fit by luck only."""
    shared = [chance.choice((1, 2, 3, 4, 5, 6, 8, 12)) for _ in range(5)]

    def odd(port: Port) -> TensorSpec:
        rank = chance.choice(port.ranks or (1, 2, 3, 4))
        sizes = [size if chance.random() < 0.7 else chance.choice((1, 2, 3, 4, 7)) for size in shared]
        shape = (BatchDim(), *sizes[: rank - 1]) if rank else ()
        whole = port.dtype == "int" or (port.dtype == "any" and chance.random() < 0.2)
        return TensorSpec(shape, "int64", chance.choice((None, 2, 10))) if whole else TensorSpec(shape)

    found: list[TensorSpec | tuple[TensorSpec, ...] | None] = []
    for port in layer.input_ports():
        if port.optional and chance.random() < 0.5:
            found.append(None)
        else:
            found.append(tuple(odd(port) for _ in range(3)) if port.variadic else odd(port))
    return found


def odd_params(layer: Layer, chance: random.Random) -> Layer:
    """The layer with some of its parameters set to small values within their ranges, sensible or not."""
    values = dict(layer.changed())
    for name, param in layer.params.items():
        bounds = (max(-3, param.min), min(6, param.max)) if isinstance(param, Int | Size | Shape) else (0, 0)
        small = range(bounds[0], bounds[1] + 1)
        match param:
            case Int():
                value: object = chance.choice(small)
            case Float():
                value = max(param.min, min(param.max, chance.choice((0.0, 0.5, 1.0, 2.0))))
            case Size():
                value = [chance.choice(small) for _ in range(param.dims)]
            case Shape():
                value = [chance.choice(small) for _ in range(max(param.min_length, chance.randrange(4)))]
            case Choice():
                value = chance.choice(param.choices)
            case Bool():
                value = chance.random() < 0.5
            case _:
                continue
        if chance.random() < 0.4:
            values[name] = value
    return type(layer)(**values)


def accepts(layer: Layer, inputs: list[TensorSpec | tuple[TensorSpec, ...] | None]) -> bool:
    """Whether a layer takes these inputs; a refusal must read as one."""
    try:
        layer.check(*inputs)
    except LayerError as error:
        if not MESSAGE.search(str(error)):
            raise
        return False
    return True


def check_explains(layer: Layer, trials: int = 12) -> None:
    """Whatever ports and parameters take runs or is refused in words: nothing ends in an error of torch's.

    The tensors are small and real: torch looks at them as closely as at fake ones, in a tenth of the time.
    """
    if layer.role not in COMPUTING:
        return
    chance, given = random.Random(layer.type), layer
    for trial in range(trials):
        layer = odd_params(given, chance) if trial % 2 else given
        inputs = odd_inputs(layer, chance)
        if not accepts(layer, inputs):
            continue
        flat = [one for entry in inputs for one in (entry if isinstance(entry, tuple) else (entry,))]
        with seeded(trial), torch.no_grad():
            module, values = layer.build(*inputs).train(), [one and tensor(one, 3) for one in flat]
            if layer.role is Role.METRIC:
                module.update(*values)
            else:
                specs = tuple(
                    TensorSpec((BatchDim(), *value.shape[1:])) for value in outputs(module, *values)
                )
                layer.arithmetic(tuple(inputs), specs)


DECLARATION = (check_round_trip, check_refusals, check_words)
COMPUTATION = (
    check_shapes,
    check_gradients,
    check_copies,
    check_seeds,
    check_graph,
    check_devices,
    check_metric,
    check_source,
    check_arithmetic,
    check_explains,
)
CHECKS = (*DECLARATION, *COMPUTATION)
