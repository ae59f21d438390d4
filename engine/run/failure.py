"""Why a run ended early, in one sentence that says what, where and what to do."""

from __future__ import annotations

import errno
import sqlite3
from types import TracebackType

import torch

from engine.compile import Plan
from nodes.shown_text import shown, shown_lines
from nodes.user_error import UserError

LONGEST_PATH = 120
"""Characters of a path in a sentence."""
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")

NOT_ON_MPS = ("implemented for the mps device", "mps framework doesn't support", "supported on mps")
"""What torch says of what Apple's devices lack, such as numbers of 64 bits."""
LOST_DEVICE = (
    "device-side assert",
    "illegal memory access",
    "unspecified launch failure",
    "misaligned address",
)
LOST = "CUDA is lost to this process: the window lets the next run go in a process of its own."


def sentence(error: BaseException, plan: Plan | None, step: int, *, goes_on: bool) -> str:
    """The sentence for the end of a run that failed at this step (counted from 1), on bounded lines.

    `goes_on`: it has a checkpoint from which it can.
    """
    return shown_lines(_sentence(error, plan, step, goes_on=goes_on))


def _sentence(error: BaseException, plan: Plan | None, step: int, *, goes_on: bool) -> str:
    where = node_of(error.__traceback__, plan)
    at = f"{where}: " if where else ""
    if isinstance(error, UserError):
        return f"{at}{error}"
    if _is_memory(error):
        size = plan.project.settings.batch_size if plan is not None else 0
        advice = f"Lower the batch size (now {size}) or make the network smaller."
        return f"{at}Out of memory at step {step}. {advice}"
    if _is_lost_device(error):
        return f"{at}Step {step} failed: {_first_line(error).rstrip('.')}. {LOST}"
    if isinstance(error, RuntimeError | TypeError) and _says(error, NOT_ON_MPS):
        return f"{at}MPS cannot do this: {_first_line(error).rstrip('.')}. Set Device to cpu."
    if _is_full_disk(error):
        advice = f"free some space and {'resume it' if goes_on else 'start it again'}."
        return f"The disk is full: {_first_line(error)}. The run ended at step {step}; {advice}"
    if isinstance(error, PermissionError):
        file = shown(str(error.filename or ""), LONGEST_PATH)
        advice = "Let it be written, or train a copy of the project in a folder of yours"
        return f"{advice}: the run's files could not be written at step {step}. {error.strerror}: {file}."
    if isinstance(error, OSError | sqlite3.Error):
        return f"The run's files could not be written at step {step}: {_first_line(error)}."
    return f"{at}Step {step} failed: {_first_line(error)}"


def node_of(traceback: TracebackType | None, plan: Plan | None) -> str | None:
    """The node whose module was at work, read from the frames of the traceback, the innermost first."""
    if plan is None:
        return None
    found = None
    while traceback is not None:
        owner = traceback.tb_frame.f_locals.get("self")
        found = plan.path_of(owner) or found
        traceback = traceback.tb_next
    return found


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and _says(error, NO_MEMORY)


def _is_lost_device(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and _says(error, LOST_DEVICE)


def _says(error: BaseException, phrases: tuple[str, ...]) -> bool:
    text = str(error).lower()
    return any(words in text for words in phrases)


def _is_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    # safetensors reports its own error class, with the system's words
    return "no space left" in str(error).lower() or "disk is full" in str(error).lower()


def _first_line(error: BaseException) -> str:
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return text or type(error).__name__
