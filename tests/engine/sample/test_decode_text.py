"""Answers written token by token: by hand the same, for texts of the data and for texts of one's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from engine.document import edits
from engine.document.project import MAIN, End, Node, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.lens.preview import Preview
from nodes.reading.texts.vocabulary import BEGIN, END, PADDING
from nodes.spec import LayerError
from tests.gallery.held import project

COUNT = 5
FED = FlatEnd("data", "decoder_input")


def small(name: str, **sampler: object) -> Project:
    """The project on few samples, its sampler with these parameters."""
    drawing = edits.set_param(project(name), MAIN, "data", "samples", 400)
    for key, value in {"count": COUNT, **sampler}.items():
        drawing = edits.set_param(drawing, MAIN, "answers", key, value)
    return drawing


@pytest.fixture
def translator() -> Iterator[Preview]:
    torch.manual_seed(3)
    preview = Preview(small("seq2seq-attention"))
    yield preview
    preview.close()


def by_hand(preview: Preview, name: str = "logits") -> list[list[int]]:
    """The likeliest tokens, each read back for the next."""
    sources = Sources(preview.plan)
    values = sources.pinned(COUNT, 0)
    sources.close()
    preview.plan.eval()
    fed = torch.full_like(values[FED], PADDING)
    fed[:, 0] = BEGIN
    for place in range(fed.shape[1]):
        with torch.no_grad():
            chosen = preview.plan.capture((name,))({**values, FED: fed})[name][:, place].argmax(-1)
        fed = torch.cat([fed[:, : place + 1], chosen.unsqueeze(1), fed[:, place + 2 :]], 1)
    return [row[1 : row.index(END) if END in row else None] for row in fed.tolist()]


def test_it_reads_back_what_it_wrote(translator: Preview) -> None:
    found = translator.samplers.start("answers").finish()
    assert found is not None
    vocabulary = translator.samplers._sources.infos()["data"].target_vocabulary
    assert vocabulary is not None
    expected = [vocabulary.text(row) for row in by_hand(translator)]
    lines = [text.split("\n") for text in found["text"].tolist()]
    assert [line[0].partition(" → ")[2] for line in lines] == expected
    assert all(line[1].startswith("true: ") for line in lines)


def test_texts_of_ones_own_are_answered_as_those_of_the_data(translator: Preview) -> None:
    found = translator.samplers.start("answers").finish()
    assert found is not None
    lines = [line.split("\n")[0] for line in found["text"].tolist()]
    first, second = [line for line in lines if "<unknown>" not in line.partition(" → ")[0]][:2]
    sources = [line.partition(" → ")[0] for line in (first, second)]
    again = translator.samplers.start("answers", {"prompts": "; ".join(sources)}).finish()
    assert again is not None
    assert again["text"].tolist() == [first, second, first, second, first]


def test_words_that_the_data_do_not_have_are_named(translator: Preview) -> None:
    with pytest.raises(LayerError, match=r"Expected prompts of words that the data have.*Received 'zebra'"):
        translator.samplers.start("answers", {"prompts": "a zebra"}).finish()


def test_pictures_are_described_below_them() -> None:
    preview = Preview(small("captions-scenes"))
    found = preview.samplers.start("answers").finish()
    preview.close()
    assert found is not None
    assert found["samples"].shape == (COUNT, 3, 32, 32)
    assert len(found["prompt"]) == COUNT


def test_prompts_need_a_source() -> None:
    (problem,) = infer(small("captions-scenes", prompts="a dog")).problems
    expected = "tokens of the text that is answered at 'source' for prompts"
    assert (problem.node, problem.expected, problem.received) == ("answers", expected, "none")


def test_what_is_replaced_comes_straight_from_the_data() -> None:
    drawing = small("captions-scenes")
    drawing = edits.add_node(drawing, MAIN, Node("shifted", "cast", {"to": "int"}), (0, -400))
    drawing = edits.connect(drawing, MAIN, End("data", "decoder_input"), End("shifted", "input"))
    drawing = edits.connect(drawing, MAIN, End("shifted", "output"), End("answers", "source"))
    (problem,) = infer(drawing).problems
    assert problem.expected == "values straight from a data set at 'source'"
    assert problem.received == "'output' of shifted, a Cast"
