"""Runs stay on their device, shown on one that is pretended; the whole is `tests.proofs cuda_placement`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import ROOT

ASKED = ("layers", "lenet5-fashion", "gan-2d-ring", "lstm-sunspots")
PLANTED = "tests.pretended_device.planted"


@pytest.fixture(scope="module")
def told() -> tuple[int, dict[str, list[str]]]:
    """(exit status, faults by item) of the proof in a process of its own, with planted faults."""
    command = [sys.executable, "-m", "tests.proofs", "cuda_placement", "--quick", *ASKED, "--with", PLANTED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines()[:-1]:
        if line.startswith("    "):
            found[list(found)[-1]].append(line.strip())
        else:
            found[line.partition(": ")[0]] = []
    assert found, done.stderr
    return done.returncode, found


def test_layers_and_projects_stay_on_the_device_and_wait_for_nothing(
    told: tuple[int, dict[str, list[str]]],
) -> None:
    _, found = told
    sound = {name: faults for name, faults in found.items() if "planted" not in name}
    assert len(sound) > 90
    assert set(ASKED[1:]) <= sound.keys()
    assert {name: faults for name, faults in sound.items() if faults} == {}


def test_a_constant_of_the_cpu_is_found(told: tuple[int, dict[str, list[str]]]) -> None:
    status, found = told
    assert status == 1
    (fault,) = found["layer planted_constant"]
    assert "same device" in fault
    (fault,) = found["a drawing with planted_constant"]
    assert fault.startswith("on the card: given: Step 1 failed: Expected all tensors to be on the same")


def test_a_wait_in_a_step_is_found(told: tuple[int, dict[str, list[str]]]) -> None:
    _, found = told
    assert found["layer planted_wait"] == ["waits (copy between CPU and device)"]
    (fault,) = found["a drawing with planted_wait"]
    assert fault.startswith("12 waits in 12 steps (copy between CPU and device)")
