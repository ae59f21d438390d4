"""A sample of `proofs lens_battery`: each lens, at one place of each layer of some gallery projects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.lenses.painter import PaintedView
from app.lenses.painters.histogram import HistogramPainter
from app.lenses.registry import PAINTERS
from engine.lens.kinds.histogram import Histogram
from engine.lens.registry import LENSES
from engine.messages.lens_request import Options
from tests.gallery.lens_battery import try_project
from tests.gallery.test_gallery import made_small

CHEAP: dict[str, Options] = {"landscape": (("points", 5),), "deep_dream": (("steps", 2),)}
"""Of lenses that compute for seconds otherwise."""
PROJECTS = (
    *("cnn-digits", "mlp-spiral", "xor-by-hand", "linear-table", "gan-2d-ring", "lstm-from-gates"),
    *("autoencoder-sparse", "attention-moby", "unet-scenes", "seq2seq-attention"),
)


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.usefixtures("qtbot")
def test_every_lens_shows_something_wherever_it_offers_itself(name: str) -> None:
    tried = try_project(made_small(name), alike=1, options=CHEAP)
    assert tried.faults == []
    assert tried.pictures > 5


class Extra(Histogram):
    """A lens of a package."""

    kind = "extra"


class ExtraPainter(HistogramPainter):
    """Its painter."""

    kind = "extra"


class Silent(HistogramPainter):
    """A painter that paints nothing."""

    kind = "extra"

    def show(self, view: PaintedView, arrays: object, context: object) -> bool:
        return True


@pytest.fixture
def extra() -> Iterator[None]:
    LENSES.add(Extra)
    yield
    LENSES.remove("extra")
    if "extra" in PAINTERS._painters:
        PAINTERS.remove("extra")


def test_a_lens_of_a_package_joins_and_a_blank_picture_is_noticed(qtbot: QtBot, extra: None) -> None:
    del qtbot, extra
    PAINTERS.add(ExtraPainter)
    assert try_project(made_small("xor-by-hand"), alike=1, options=CHEAP).faults == []
    PAINTERS.remove("extra")
    PAINTERS.add(Silent)
    faults = try_project(made_small("xor-by-hand"), alike=1, options=CHEAP).faults
    assert faults
    assert all("extra of" in fault and "blank" in fault for fault in faults)
