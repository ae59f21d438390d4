"""How long inference takes: cold, after an edit in a drawing of 1,000 nodes, and for published networks.

Cold means that torch is loaded and warm and no result is remembered. Run by `python -m tests.benchmarks
infer`; times are in milliseconds. The yardsticks, measured in turns with the edits: one convolution made and
sized with fake tensors by hand, and a fixed loop in plain Python; the ratio to the first is judged.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from engine.document import edits
from engine.document.project import MAIN, Node, Point, Project, Wire
from engine.infer import infer, warm_up
from engine.infer.layer import CACHE
from engine.report import Report
from tests.benchmarks._machine import Elsewhere
from tests.benchmarks._published import published
from tests.benchmarks._yardsticks import fake_forward, python_loop
from tests.engine import resnet

COLUMNS = 20
"""Towers side by side in the big drawing."""
ROUNDS = 100
"""Edits of each kind."""
BOUND_P99_MS, BOUND_RATIO = 5.0, 8.0
"""Of the inference after an edit, p99: milliseconds, and the work of its thread in fake forwards."""
REPEATS = 5
"""Cold runs of each drawing, of which the median counts."""


def drawing(size: int = 1000) -> Project:
    """Towers of convolution, batch norm and ReLU from one image, joined at the end: `size` nodes."""
    nodes = [Node("image", "noise", {"shape": [3, 32, 32]})]
    wires: list[str] = []
    tops = []
    each = (size - 2) // COLUMNS
    for column in range(COLUMNS):
        names = ["image"]
        for row in range(each):
            kind, name = row % 3, f"n{column}_{row}"
            channels = 8 + 8 * ((row // 3 + column) % 4)
            nodes.append((resnet.conv(name, channels, 3, 1, 1), resnet.norm(name), resnet.relu(name))[kind])
            names.append(name)
        wires += resnet.chain(*names)
        tops.append(names[-1])
    nodes.append(Node("join", "concat"))
    wires += [f"{name}.output > join.input #{rank}" for rank, name in enumerate(tops)]
    nodes += [Node(f"loose{k}", "relu") for k in range(size - len(nodes))]
    return resnet.project_of(nodes, wires)


def run() -> dict[str, Any]:
    """Every figure, as JSON."""
    warm_up()
    gc.collect()
    gc.freeze()  # as the workbench does once the engine is loaded
    big, elsewhere = drawing(), Elsewhere()
    found = {
        "nodes": len(big.main.nodes),
        "cold_ms": _cold(lambda: big),
        "resnet18_cold_ms": _cold(resnet.resnet18),
        "resnet50_cold_ms": _cold(resnet.resnet50),
        "resnet152_cold_ms": _cold(resnet.resnet152),
        "edits": _edits(big),
        "published": published(),
        "bound_p99_ms": BOUND_P99_MS,
        "bound_ratio": BOUND_RATIO,
        "cores_busy_elsewhere": elsewhere.cores(),
    }
    found["holds"] = found["edits"]["all"]["ratio_p99"] <= BOUND_RATIO and found["published"]["holds"]
    return found


def _cold(make: Callable[[], Project]) -> float:
    times = []
    for _ in range(REPEATS):
        project = make()
        CACHE.clear()
        gc.collect()
        times.append(_timed(project, None)[0])
    return round(statistics.median(times), 1)


def _timed(project: Project, before: Report | None) -> tuple[float, float, Report]:
    """Milliseconds by the clock and of this thread alone, and the report."""
    start, own = time.perf_counter(), time.thread_time()
    report = infer(project, before)
    return (time.perf_counter() - start) * 1000, (time.thread_time() - own) * 1000, report


def _edits(project: Project) -> dict[str, dict[str, float]]:
    kinds: dict[str, Callable[[Project, random.Random], Project]] = {
        "parameter": _parameter,
        "disconnect": _disconnect,
        "connect": _reconnect,
        "add": _add,
        "insert": _insert,
        "remove": _remove,
        "move": _move,
    }
    chance = random.Random(0)
    report = infer(project)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    fake_forward()  # the first is slow
    fake: list[float] = []
    loop: list[float] = []
    for _ in range(ROUNDS):
        fake.append(fake_forward())
        loop.append(python_loop())
        for name, edit in kinds.items():
            project = edit(project, chance)
            taken, own, report = _timed(project, report)
            times[name].append((taken, own))
    times["all"] = [pair for several in times.values() for pair in several]
    plain = statistics.median(fake)
    found = {name: _summary(several, plain) for name, several in times.items()}
    yardsticks = {"fake_forward_ms": round(plain, 3), "python_loop_ms": round(statistics.median(loop), 3)}
    return {**found, "yardsticks": yardsticks}


def _summary(times: list[tuple[float, float]], plain: float) -> dict[str, float]:
    """By the clock; `cpu_p99_ms` is what the thread itself worked, whatever else the machine did.

    The ratios are those to a forward pass with fake tensors, which takes `plain` milliseconds.
    """
    taken, own = sorted(pair[0] for pair in times), sorted(pair[1] for pair in times)
    place = int(0.99 * (len(times) - 1))
    return {
        "p50_ms": round(statistics.median(taken), 2),
        "p99_ms": round(taken[place], 2),
        "max_ms": round(taken[-1], 2),
        "cpu_p99_ms": round(own[place], 2),
        "ratio_p50": round(statistics.median(taken) / plain, 2),
        "ratio_p99": round(own[place] / plain, 2),
    }


def _parameter(project: Project, chance: random.Random) -> Project:
    convs = [name for name, node in project.main.nodes.items() if node.layer == "conv2d"]
    name = chance.choice(convs)
    return edits.set_param(project, MAIN, name, "out_channels", chance.randrange(1, 64))


_cut: list[Wire] = []


def _disconnect(project: Project, chance: random.Random) -> Project:
    wire = chance.choice([wire for wire in project.main.wires if wire.target.node != "join"])
    _cut.append(wire)
    return edits.disconnect(project, MAIN, wire)


def _reconnect(project: Project, chance: random.Random) -> Project:
    wire = _cut.pop()
    return edits.connect(project, MAIN, wire.source, wire.target)


def _add(project: Project, chance: random.Random) -> Project:
    return edits.add_node(project, MAIN, Node(edits.fresh_id(project.main, "conv2d"), "conv2d"), (0, 0))


def _insert(project: Project, chance: random.Random) -> Project:
    wire = chance.choice(project.main.wires)
    node = Node(edits.fresh_id(project.main, "tanh"), "tanh")
    return edits.insert_on_wire(project, MAIN, wire, node, (0, 0))


def _remove(project: Project, chance: random.Random) -> Project:
    tanh = chance.choice([name for name, node in project.main.nodes.items() if node.layer == "tanh"])
    added = chance.choice([name for name in project.main.nodes if name.startswith("conv")])
    return edits.remove_and_heal(project, MAIN, [tanh, added])


def _move(project: Project, chance: random.Random) -> Project:
    name = chance.choice(list(project.main.nodes))
    return edits.move(project, MAIN, {name: Point(chance.uniform(0, 9000), chance.uniform(0, 9000))})
