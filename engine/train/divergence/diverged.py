"""The error of a run whose loss is not a finite number."""

from __future__ import annotations

from nodes.user_error import UserError


class DivergedError(UserError, RuntimeError):
    """A loss is no longer a finite number. The message is the sentence."""


def diverged(path: str, step: int, culprit: str, restored: str, advice: str = "") -> DivergedError:
    """The error for a loss that is not finite: where it began, what was put back, and what to do."""
    sentences = [f"{path}: the loss is not a finite number at step {step:,}.", culprit, restored]
    advice = advice or "Lower the learning rate, clip the gradient or check the data."
    return DivergedError(" ".join(part for part in (*sentences, advice) if part))
