"""What a frame of samples becomes before it is drawn: pictures, dots on a plane, texts, films."""

from __future__ import annotations

import numpy as np

from app.lenses.sampled import bounds_of, density, image_pixels, read_samples

SIZE = 8


def images(step: int, count: int = 16) -> dict[str, np.ndarray]:
    """Pictures that grow brighter with the steps: all pixels alike."""
    return {"samples": np.full((count, 1, SIZE, SIZE), step / 100.0, np.float32)}


def dots() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    real = rng.random((50, 2)).astype(np.float32)
    samples = np.concatenate([real[:20], [[5.0, 5.0]]]).astype(np.float32)
    return {"samples": samples, "real": real}


def trail() -> dict[str, np.ndarray]:
    stages = [images(step)["samples"] for step in (0, 25, 50, 75, 100)]
    return {"samples": stages[-1], "trail": np.stack(stages)}


def test_frames_become_pictures_dots_and_texts():
    read = read_samples({"samples": np.zeros((4, 3, 5, 6), np.float32)})
    assert (read.kind, read.count, read.stages) == ("images", 4, 0)
    assert read_samples({"samples": np.zeros((4, 5, 6), np.float32)}).values.shape == (4, 1, 5, 6)
    assert read_samples({"samples": np.zeros((4, 9), np.float32)}).values.shape == (4, 1, 1, 9)
    assert read_samples(dots()).real.shape == (50, 2)
    text = read_samples({"text": np.array(["once upon", "once more"])}, "once")
    assert (text.kind, text.prompt_of(1)) == ("texts", "once")
    assert read_samples({}) is None
    assert read_samples({"samples": np.zeros((0, 1, 2, 2))}) is None


def test_a_trail_ends_with_the_samples_and_a_walk_is_a_film():
    arrays = trail()
    assert read_samples(arrays).stages == 5
    shorter = read_samples({**arrays, "trail": arrays["trail"][:-1]})
    assert shorter.stages == 5
    assert shorter.at(4).values[0, 0, 0, 0] == 1.0
    assert shorter.at(0).values[0, 0, 0, 0] == 0.0
    walk = np.random.default_rng(0).random((2 * 6, 1, 4, 4)).astype(np.float32)
    film = read_samples(
        {"samples": walk, "trail": walk.reshape(2, 6, 1, 4, 4).swapaxes(0, 1), "columns": np.array(6)}
    )
    assert (film.film, film.stages, film.at(3).count, film.columns) == (True, 6, 2, 6)
    assert np.array_equal(film.at(3).values[1], walk[9])


def test_a_stage_is_called_by_the_step_of_its_sampler_where_that_is_known():
    told = read_samples({**trail(), "trail_steps": np.array((0, 13, 25, 38, 50))})
    assert [told.stage_words(stage) for stage in (0, 1, 4)] == ["noise", "step 13 / 50", "step 50 / 50"]
    assert read_samples(trail()).stage_words(1) == "stage 1 / 4"
    unfit = read_samples({**trail(), "trail_steps": np.array((0, 50))})
    assert unfit.stage_words(1) == "stage 1 / 4", "steps of another number of stages are not believed"


def test_pixels_are_clipped_and_what_is_no_number_is_black():
    pixels = image_pixels(np.array([[[[0.0, 1.0, 2.0, np.nan, 0.5]]]], np.float32))
    assert pixels[0, 0, :, 0].tolist() == [0, 255, 255, 0, 128]
    colour = image_pixels(np.array([1.0, 0.5, 0.0], np.float32).reshape(1, 3, 1, 1))
    assert colour[0, 0, 0].tolist() == [0, 128, 255, 255]


def test_the_plane_is_that_of_the_data_and_density_finds_the_crowd():
    bounds = bounds_of(read_samples(dots()))
    assert (bounds.x, bounds.side) == (-0.05, 1.1)
    crowd = density(np.array([[0.25, 0.75]] * 9 + [[0.8, 0.2]]), bounds, 10)
    row, column = np.unravel_index(crowd.argmax(), crowd.shape)
    assert (row, column) == (2, 2)


def test_latents_are_shown_as_their_channels_side_by_side():
    latents = np.zeros((2, 4, 3, 2), np.float32)
    latents[:, 3] = 1.0
    found = read_samples({"samples": latents, "trail": np.stack([latents * 0.5, latents])})
    assert found.values.shape == (2, 1, 3, 8)
    assert found.trail.shape == (2, 2, 1, 3, 8)
    for pixels in (image_pixels(found.values), image_pixels(latents)):
        assert pixels.shape == (2, 3, 8, 4)
        assert (pixels[0, 0, :, 0] == [0, 0, 0, 0, 0, 0, 255, 255]).all()
