"""What is known of devices: free memory, whether one is lost, and where several processes go."""

from __future__ import annotations

import pytest
import torch

from engine.run import failure
from engine.run.process_group import RanksError, joined
from engine.system import device as devices

CUDA = torch.device("cuda:0")


class Lost(RuntimeError):
    """What torch raises of a device whose kernel met an index out of range."""


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A CUDA device of 10 bytes, of which 3 are free and torch holds 5, 1 of them in use."""
    answers = {
        "is_available": True,
        "is_initialized": True,
        "device_count": 2,
        "mem_get_info": (3, 10),
        "memory_reserved": 5,
        "memory_allocated": 1,
    }
    for name, answer in answers.items():
        monkeypatch.setattr(torch.cuda, name, lambda *_, answer=answer: answer)
    return monkeypatch


def test_memory_that_torch_keeps_for_itself_is_free(cuda: pytest.MonkeyPatch) -> None:
    assert devices.free_memory(CUDA) == 3 + 5 - 1


def test_a_lost_device_is_known(cuda: pytest.MonkeyPatch) -> None:
    assert not devices.cuda_is_lost()

    def lost(*_: object) -> None:
        raise Lost("CUDA error: device-side assert triggered")

    cuda.setattr(torch.cuda, "mem_get_info", lost)
    cuda.setattr(torch.cuda, "empty_cache", lost)
    assert devices.cuda_is_lost()
    devices.release_memory(CUDA)  # there is nothing to release any more


def test_a_device_that_was_not_used_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    assert not devices.cuda_is_lost()


def test_the_end_of_a_run_says_that_the_device_is_lost() -> None:
    error = Lost("CUDA error: device-side assert triggered\nCUDA kernel errors might be reported later")
    said = failure.sentence(error, None, 7, goes_on=False)
    assert said == (
        "Step 7 failed: CUDA error: device-side assert triggered. CUDA is lost to this process: the window "
        "lets the next run go in a process of its own."
    )


def test_several_processes_do_not_share_a_device(
    cuda: pytest.MonkeyPatch,
) -> None:
    for name, value in (("RANK", "1"), ("WORLD_SIZE", "2"), ("LOCAL_RANK", "1")):
        cuda.setenv(name, value)
    with pytest.raises(RanksError, match=r"Expected cuda or auto, .+ Received 'cuda:1'"), joined("cuda:1"):
        pass


def test_in_tests_the_cpu_is_chosen_whatever_the_machine_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch._C, "_cuda_getDeviceCount", lambda: 1, raising=False)
    assert devices.choose("auto").type == "cpu"


def test_torch_compiles_no_kernels_of_its_own() -> None:
    """It would need Triton and a C compiler, for products of matrices with an inner size of 1."""
    from torch._native.common_utils import check_native_jit_disabled

    assert check_native_jit_disabled()
