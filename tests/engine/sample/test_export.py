"""Samples as files: what a person finds in the PNG, the GIF and the text."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.sample import export


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_grid_shows_each_picture_in_its_place() -> None:
    pictures = np.zeros((5, 3, 8, 8), np.float32)
    for i, colour in enumerate(((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1))):
        pictures[i] = np.array(colour, np.float32)[:, None, None]
    image = opened(export.png({"samples": pictures, "columns": np.array(3)})).convert("RGB")
    tile = 7 * 8 + export.GAP
    assert image.size == (3 * tile + export.GAP, 2 * tile + export.GAP)
    assert image.getpixel((tile // 2, tile // 2)) == (255, 0, 0)
    assert image.getpixel((2 * tile + tile // 2, tile // 2)) == (0, 0, 255)
    assert image.getpixel((tile + tile // 2, tile + tile // 2)) == (0, 255, 255)
    assert image.getpixel((2 * tile + tile // 2, tile + tile // 2)) == (255, 255, 255)


def test_points_stand_over_the_data_with_y_upwards() -> None:
    arrays = {
        "samples": np.array([[0.0, 3.0]], np.float32),
        "real": np.array([[-4.0, -4.0], [4.0, 4.0]], np.float32),
    }
    pixels = np.asarray(opened(export.png(arrays)).convert("RGB")).astype(int)
    strong = np.argwhere((np.abs(pixels - export.STRONG).sum(2)) < 30)
    assert len(strong) > 4
    row, column = strong.mean(axis=0)
    assert abs(column - export.PLANE / 2) < 3
    assert row < export.PLANE / 3


def test_a_film_has_a_frame_for_every_set() -> None:
    sets = [{"samples": np.full((4, 1, 8, 8), level, np.float32)} for level in (0.0, 0.5, 1.0)]
    film = opened(export.gif(sets))
    assert film.n_frames == 3
    levels = []
    for frame in range(3):
        film.seek(frame)
        levels.append(film.convert("L").getpixel((20, 20)))
    assert levels[0] < 5
    assert 120 < levels[1] < 135
    assert levels[2] > 250


def test_the_stages_of_a_trail_are_its_film() -> None:
    arrays = {"samples": np.zeros((6, 2)), "trail": np.zeros((3, 2, 2)), "columns": np.array(3)}
    stages = export.stages(arrays)
    assert [set(stage) for stage in stages] == [{"samples"}] * 3
    assert stages[0]["samples"].shape == (2, 2)
    assert export.stages({"samples": np.zeros((6, 2))})[0]["samples"].shape == (6, 2)


def test_what_cannot_be_drawn_is_told() -> None:
    with pytest.raises(export.ExportError, match=r"Expected pictures.+ Received texts\."):
        export.png({"text": np.array(["a"])})
    with pytest.raises(export.ExportError, match=r"Received an array of sizes \(3, 7\)"):
        export.png({"samples": np.zeros((3, 7))})
    with pytest.raises(export.ExportError, match=r"Expected texts\. Received samples"):
        export.text({"samples": np.zeros((3, 7))})
    assert export.text({"text": np.array(["one", "two"])}) == "one\n\n----\n\ntwo\n"


def test_pictures_and_films_without_end_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(export.ExportError, match=r"Draw fewer samples.*at most 33,554,432 pixels"):
        export.png({"samples": np.zeros((20_000, 1, 1, 1), np.float32)})
    few = {"samples": np.zeros((4, 1, 8, 8), np.float32)}
    monkeypatch.setattr("engine.sample.export.MOST_FILM_PIXELS", 50_000)
    assert export.gif([few, few])
    with pytest.raises(export.ExportError, match=r"Write a .png instead. Expected at most 50,000"):
        export.gif([few] * 5)


def test_broken_numbers_are_left_out() -> None:
    points = np.array([[np.nan, 1.0], [np.inf, 0.0], [0.0, 0.0]])
    assert opened(export.png({"samples": points})).size == (export.PLANE, export.PLANE)
    assert opened(export.png({"samples": np.full((1, 1, 4, 4), np.nan)})).size[0] > 0


@pytest.mark.parametrize("channels", [2, 4])
def test_latents_are_shown_as_their_channels_side_by_side_in_grey(channels: int) -> None:
    samples = np.zeros((1, channels, 8, 8), np.float32)
    samples[0] = np.linspace(0.0, 1.0, channels, dtype=np.float32)[:, None, None]
    image = opened(export.png({"samples": samples})).convert("RGB")
    scale = -(-export.SIDE // (8 * channels))
    assert image.size == (8 * channels * scale + 2 * export.GAP, 8 * scale + 2 * export.GAP)
    middle = image.height // 2
    seen = [image.getpixel((export.GAP + (8 * i + 4) * scale, middle)) for i in range(channels)]
    assert seen == [(round(255 * i / (channels - 1)),) * 3 for i in range(channels)]
    assert opened(export.gif([{"samples": samples}] * 2)).n_frames >= 1
