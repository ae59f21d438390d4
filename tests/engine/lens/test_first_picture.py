"""What would take long is shown at first with what can be had soon, and then again with the rest."""

from __future__ import annotations

import pytest

from engine.lens.access import FIRST_CHUNK
from engine.lens.preview import Preview
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import HeldSample
from tests.drawings import lenet5

PROJECTION = LensRequest("projection", "conv1")


def samples_of(preview: Preview) -> list[int]:
    """How many samples each frame is of, in their order."""
    looks = preview.looks([PROJECTION], preview.feeds((HeldSample(),)))
    return [int(frame.arrays["set"][0]) for looked in looks for frame in looked.frames]


def test_a_first_picture_of_few_samples_is_followed_by_one_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    preview = Preview(lenet5())
    whole = samples_of(preview)[-1]
    assert whole > FIRST_CHUNK
    monkeypatch.setattr("engine.lens.preview.PATIENCE", 0.0)
    assert samples_of(preview) == [FIRST_CHUNK, whole]
    monkeypatch.setattr("engine.lens.preview.PATIENCE", 1e6)
    assert samples_of(preview) == [whole], "nothing was left out, so nothing comes twice"
    (frame,) = preview.look([PROJECTION])
    assert int(frame.arrays["set"][0]) == whole
    preview.close()
