"""How torch computes on CUDA during a run: the switches, and what is told where they cannot be had."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from typing import NamedTuple

import pytest
import torch
import torch.utils.deterministic

from engine.run.failure import sentence
from engine.system import device as devices
from engine.system.numerics import numerics, precision_notices

CUDA, CPU = torch.device("cuda", 0), torch.device("cpu")


class Switches(NamedTuple):
    tf32: bool
    tf32_of_cudnn: bool
    deterministic: bool
    warns: bool
    cudnn: bool
    benchmark: bool
    fills: bool


def switches() -> Switches:
    return Switches(
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.utils.deterministic.fill_uninitialized_memory,
    )


@pytest.mark.parametrize(
    ("precision", "deterministic", "expected"),
    [
        ("float32", True, Switches(False, False, True, True, True, False, False)),
        ("bfloat16", True, Switches(False, False, True, True, True, False, False)),
        ("tf32", False, Switches(True, True, False, True, False, True, False)),
    ],
)
def test_a_run_on_cuda_sets_the_switches_and_puts_them_back(
    precision: str, deterministic: bool, expected: Switches
) -> None:
    before = switches()
    with suppress(ZeroDivisionError):  # noqa: SIM117
        with numerics(CUDA, precision=precision, deterministic=deterministic, tell=print):
            found = switches()
            raise ZeroDivisionError
    assert found._replace(warns=True) == expected
    assert switches() == before


def test_a_run_on_another_device_changes_nothing() -> None:
    before = switches()
    with numerics(CPU, precision="tf32", deterministic=True, tell=print):
        assert switches() == before


def test_an_operation_without_a_deterministic_form_is_told_once() -> None:
    told: list[str] = []
    words = "upsample_bilinear2d_backward_out_cuda does not have a deterministic implementation, but …"
    held, shown = list(warnings.filters), warnings.showwarning
    with numerics(CUDA, precision="float32", deterministic=True, tell=told.append):
        for _ in range(3):
            warnings.warn(words, UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="something else"):  # as before
            warnings.warn("something else", UserWarning, stacklevel=1)
    assert told == [
        "upsample_bilinear2d_backward_out_cuda has no deterministic form on CUDA: "
        "the run does not repeat bit for bit."
    ]
    assert (warnings.filters, warnings.showwarning) == (held, shown)


def test_a_precision_that_a_device_has_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert precision_notices(CPU, "float32") == precision_notices(CPU, "bfloat16") == []
    assert precision_notices(CPU, "tf32") == [
        "TF32 is a precision of CUDA devices: on CPU the run computes in float32."
    ]
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (7, 5))
    assert precision_notices(CUDA, "float32") == []
    assert precision_notices(CUDA, "tf32") == ["Tesla T4 has no TF32: the run computes in float32."]
    assert precision_notices(CUDA, "bfloat16") == [
        "Tesla T4 computes bfloat16 in software: float32 is faster on it."
    ]
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    assert precision_notices(CUDA, "tf32") == precision_notices(CUDA, "bfloat16") == []


def test_cublas_finds_its_workspace_before_it_is_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    devices.choose("cpu")
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.choose("auto").type == "cuda"
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    assert devices.choose("cuda:1") == torch.device("cuda", 1)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


def test_several_devices_of_cuda_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices.devices()[-1] == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert devices.devices() == ["cuda", "cpu"]
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.devices() == ["cuda:0", "cuda:1", "cpu"]
    with pytest.raises(devices.DeviceError, match=r"Expected auto, cuda:0, cuda:1, cpu\. Received 'cuda:2'"):
        devices.choose("cuda:2")


def test_memory_of_cuda_goes_back_to_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: calls.append("empty"))
    devices.release_memory(CPU)
    assert calls == []
    devices.release_memory(CUDA)
    assert calls == ["empty"]


@pytest.mark.parametrize(
    "error",
    [
        NotImplementedError(
            "The operator 'aten::x' is not currently implemented for the MPS device. If you …"
        ),
        TypeError(
            "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64."
        ),
    ],
)
def test_what_mps_lacks_is_told_with_what_to_do(error: Exception) -> None:
    told = sentence(error, None, 1, goes_on=False)
    assert told.startswith("MPS cannot do this: ")
    assert told.endswith(". Set Device to cpu.")
