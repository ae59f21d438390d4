"""The fixtures of the suite that the proofs of real processes need too."""

from tests.app.conftest import controller, no_question_hangs, qapp, session, window
from tests.engine.run.test_process import watch

__all__ = ["controller", "no_question_hangs", "qapp", "session", "watch", "window"]
