"""What a grid of tiles costs: how many columns fill it best is computed once, not for each tile."""

from __future__ import annotations

import torch
from pytestqt.qtbot import QtBot

from app.lenses.feature_maps import grid_columns
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from engine.lens.lens import Seen
from engine.lens.registry import LENSES


def test_columns_are_counted_once_for_all_tiles(qtbot: QtBot) -> None:
    arrays = LENSES["kernels"].compute(Seen(parameters={"weight": torch.randn(16, 6, 5, 5)}))
    painter = PAINTERS["kernels"]
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(268, 240)
    grid_columns.cache_clear()
    assert painter.show(view, arrays, Context())
    view.grab()
    found = grid_columns.cache_info()
    assert found.hits > 64
    assert found.misses <= 3
