"""Samples that are pinned: several at once, held back or given, in the terms of the data."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.compile import compile  # noqa: A004
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.given import SampleReader, drawn, given, placed
from engine.lens.pinned import feeds_of
from engine.lens.preview import Preview
from engine.messages.commands import PinSamples
from engine.messages.events import FRESH
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import GivenSample, HeldSample
from engine.messages.pipe import packed, read_message
from engine.train.command_handling import carry_out
from nodes.reading.error import DataError
from tests.drawings import chain, lenet5, mlp

POINTS = chain({"dataset": "spiral"}, [("linear1", "linear", {"out_features": 2})])


@pytest.fixture
def digits():
    plan = compile(mlp("digits", 8), "cpu")
    sources = Sources(plan)
    yield plan, sources
    sources.close()


def test_held_samples_of_both_parts_stand_side_by_side(digits):
    plan, sources = digits
    feeds = feeds_of(plan, sources, (HeldSample(3), HeldSample(2, training=True)))
    end = FlatEnd("data", "input")
    assert torch.equal(feeds.pin(0)[end], sources.sample(3)[end])
    (data,) = sources.sets().values()
    row = data.train.input.fetch(np.array([2]))
    again = feeds_of(plan, sources, (given(row[0], "the same"),))
    assert torch.equal(feeds.pin(1)[end], again.pin(0)[end]), "scaled as the data are"
    assert feeds.pin(2) == {}


def test_a_given_sample_is_what_the_network_sees_and_its_target_is_not_made_up(digits):
    plan, sources = digits
    reader = SampleReader(plan.project)
    own = given(reader.row(HeldSample(5))[0], "drawn by hand")
    requests = [LensRequest("prediction", path, (), pin) for path in plan.nodes for pin in (0, 1)]
    requests = [one for one in requests if plan.nodes[one.target].layer.type == "output"]
    held, shown = look(plan, feeds_of(plan, sources, (HeldSample(5), own)), requests, 7).frames
    assert np.array_equal(held.arrays["output"], shown.arrays["output"])
    assert np.array_equal(held.arrays["input"], shown.arrays["input"])
    assert "target" in held.arrays
    assert "target" not in shown.arrays
    assert (held.pin, shown.pin) == (0, 1)


def test_gradients_of_a_loss_are_not_shown_of_a_sample_without_a_target(digits):
    plan, sources = digits
    own = given(SampleReader(plan.project).row(HeldSample(0))[0], "drawn by hand")
    path = next(path for path, node in plan.nodes.items() if node.layer.type == "linear")
    feeds = feeds_of(plan, sources, (HeldSample(0), own))
    requests = [LensRequest("histogram", path, (), pin) for pin in (0, 1)]
    assert {frame.pin for frame in look(plan, feeds, requests, 0).frames} == {0}


def test_what_does_not_fit_is_refused_in_words(digits):
    plan, sources = digits
    with pytest.raises(DataError, match=r"a\.png: Expected a sample .* Received sizes \(3, 4, 4\)"):
        feeds_of(plan, sources, (given(np.zeros((3, 4, 4), np.uint8), "a.png"),))
    with pytest.raises(DataError, match="Expected a sample"):
        feeds_of(plan, sources, (GivenSample("<f4", (2,), b"\0"),))


def test_a_drawing_by_hand_is_a_picture_of_the_data():
    project = lenet5()
    reader = SampleReader(project)
    strokes = np.zeros((28, 28), np.uint8)
    strokes[5:20, 10:14] = 255
    sample = drawn(strokes, reader.info.input)
    assert np.array_equal(reader.row(sample)[0, 0], strokes)
    plan = compile(project, "cpu")
    sources = Sources(plan)
    (value,) = [v for end, v in feeds_of(plan, sources, (sample,)).pin(0).items() if end.port == "input"]
    (data,) = sources.sets().values()
    scaling = data.train.input_scaling
    by_hand = (strokes / scaling.divisor - scaling.mean[0]) / scaling.deviation[0]
    assert np.allclose(value[0, 0].numpy(), by_hand, atol=1e-6)
    sources.close()


def test_a_point_is_in_the_unit_of_the_data():
    plan = compile(POINTS, "cpu")
    sources = Sources(plan)
    (data,) = sources.sets().values()
    row = data.validation.input.fetch(np.array([0]))[0]
    found = feeds_of(plan, sources, (HeldSample(0), placed((float(row[0]), float(row[1])))))
    end = FlatEnd("data", "input")
    assert torch.allclose(found.pin(0)[end], found.pin(1)[end], atol=1e-6)
    sources.close()


def test_files_and_texts_are_read_as_the_data_are(tmp_path):
    from PIL import Image

    reader = SampleReader(lenet5())
    picture = reader.row(HeldSample(1))[0, 0]
    Image.fromarray(picture).save(tmp_path / "boot.png")
    sample = reader.of_file(tmp_path / "boot.png")
    assert sample.words == "boot.png"
    assert np.array_equal(reader.row(sample)[0, 0], picture)
    texts = SampleReader(chain({"dataset": "moby-dick"}, [("embedding1", "embedding")]))
    length = texts.info.input.features[0]
    typed = texts.of_text("the whale " * 40)
    assert typed.shape == (length,)
    assert said(texts, typed) == ("the whale " * 40)[-length:], "of a long text the end"
    short = texts.of_text("a whale")
    before = said(texts, HeldSample())
    assert said(texts, short) == before[7:] + "a whale", "a short text goes on where a sample ends"
    assert short.words == "typed, after the end of sample 0"
    with pytest.raises(DataError, match=r"^Typed: Expected characters of the training data\. Received '€'\."):
        texts.of_text("a € whale")


def said(reader: SampleReader, sample) -> str:
    """The characters of a sample."""
    return "".join(reader.info.classes[number] for number in reader.row(sample)[0])


def test_the_command_travels_to_another_process(tmp_path):
    command = PinSamples((HeldSample(3), placed((0.5, -1.0))))
    path = tmp_path / "message"
    path.write_bytes(packed(command))
    with path.open("rb") as stream:
        assert read_message(stream) == command
    heard = []

    class Loop:
        pin = staticmethod(heard.append)

    carry_out(Loop(), command)
    assert heard == [command.samples]


def test_a_preview_looks_at_the_cheap_first_and_ends_where_it_is_called_off(digits):
    plan, _ = digits
    preview = Preview(plan.project)
    path = next(path for path, node in plan.nodes.items() if node.layer.type == "linear")
    requests = [LensRequest(kind, path) for kind in ("histogram", "feature_maps", "kernels")]
    looks = preview.looks(requests, preview.feeds((HeldSample(),)))
    first = next(looks)
    assert all(frame.step == FRESH for frame in first.frames)
    assert "histogram" not in {frame.lens for frame in first.frames}
    assert {frame.lens for frame in next(looks).frames} == {"histogram"}
    assert list(preview.looks(requests, preview.feeds((HeldSample(),)), lambda: True)) == []
    preview.close()
