"""Pictures with a mask or a partner: matched by name, in colours or indices, with gaps and leftovers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.pictures import HEIGHT, WIDTH, colour

COUNT = 10
PALETTE = ((0, 0, 0), (220, 20, 60), (0, 128, 255))
Draw = Callable[[int], Image.Image]


def classes(index: int, most: int = 3) -> np.ndarray:
    """Class numbers `(H, W)`: ground, and a box of each class that moves with the index."""
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    for label in range(1, most):
        found[label : label + 3, (index + 3 * label) % 7 : (index + 3 * label) % 7 + 3] = label
    return found


def as_indices(index: int) -> Image.Image:
    return Image.fromarray(classes(index))


def as_white(index: int) -> Image.Image:
    return Image.fromarray(classes(index, 2) * 255)


def as_colours(index: int) -> Image.Image:
    return Image.fromarray(np.array(PALETTE, np.uint8)[classes(index)])


def as_palette(index: int) -> Image.Image:
    image = Image.fromarray(classes(index), "P")
    image.putpalette([value for one in PALETTE for value in one])
    return image


def with_ignored(index: int) -> Image.Image:
    found = classes(index)
    found[0, :] = 255
    return Image.fromarray(found)


def with_grey_edges(index: int) -> Image.Image:
    """White on black with a few values between, as a JPEG or a smoothed drawing has them."""
    found = classes(index, 2) * 255
    found[found == 255] -= (np.arange((found == 255).sum()) % 4).astype(np.uint8)
    return Image.fromarray(found)


def pairs(
    draw: Draw, pictures: str = "images/{i}.png", masks: str = "masks/{i}.png", lacking: int = 0
) -> Callable[[Path], Path]:
    """Writes pictures and their masks; the last masks may be lacking."""

    def make(folder: Path) -> Path:
        for i in range(COUNT):
            for form, image in ((pictures, Image.fromarray(colour(i))), (masks, draw(i))):
                if form == masks and i >= COUNT - lacking:
                    continue
                path = folder / "set" / form.format(i=i)
                path.parent.mkdir(parents=True, exist_ok=True)
                image.save(path)
        return folder / "set"

    return make


BY_COLOUR = (0, 2, 1)
"""The places of the colours in their order as numbers #rrggbb, which is that of their classes."""


def _wanted(most: int, order: tuple[int, ...] = (0, 1, 2), **more: object) -> Expected:
    """The mask of each picture as class numbers, in whatever shape a mask has."""
    targets = np.array(order)[np.stack([classes(i, most) for i in range(COUNT)])]
    inputs = np.stack([np.moveaxis(colour(i), 2, 0) for i in range(COUNT)])
    return Expected(
        kind="images", samples=COUNT, shape=(3, HEIGHT, WIDTH), inputs=inputs, targets=targets, **more
    )  # type: ignore[arg-type]


def _all() -> list[Case]:
    found = []
    draws: dict[str, tuple[Draw, int]] = {
        "indices": (as_indices, 3),
        "white on black": (as_white, 2),
        "colours": (as_colours, 3),
        "a palette": (as_palette, 3),
    }
    layouts = {
        "images and masks": ("images/{i}.png", "masks/{i}.png"),
        "img and label": ("img/{i}.png", "label/{i}.png"),
        "image and mask with _mask": ("images/{i}.png", "masks/{i}_mask.png"),
        "JPEG names and PNG masks": ("JPEGImages/{i}.bmp", "SegmentationClass/{i}.png"),
        "train/images and train/masks": ("train/images/{i}.png", "train/masks/{i}.png"),
    }
    for layout, (pictures, masks) in layouts.items():
        for draw, (how, most) in draws.items():
            quick = (layout, draw) in (
                ("images and masks", "white on black"),
                ("image and mask with _mask", "colours"),
            )
            want = _wanted(most, BY_COLOUR if draw == "colours" else (0, 1, 2))
            found.append(
                Case("masks", f"{layout}, {draw}", pairs(how, pictures, masks), want, is_quick=quick)
            )
    one_folder = pairs(as_white, "{i}.png", "{i}_mask.png")
    found += [
        Case("masks", "in one folder, with _mask", one_folder, _wanted(2)),
        Case(
            "masks",
            "with an ignored value",
            pairs(with_ignored),
            Expected(kind="images", samples=COUNT, told=["255"]),
        ),
        Case(
            "masks",
            "with grey edges",
            pairs(with_grey_edges),
            Expected(kind="images", samples=COUNT, told=["(?i)25[0-5]|grey|value|threshold"]),
        ),
        Case(
            "masks",
            "two masks are lacking",
            pairs(as_white, lacking=2),
            Expected(kind="images", samples=8, told=["8|9"], or_told=r"[89]\.png"),
            is_quick=True,
        ),
        Case(
            "masks",
            "masks without pictures",
            _more_masks,
            Expected(kind="images", samples=COUNT, told=["77"], or_told="77"),
        ),
        Case(
            "masks",
            "a mask of another size",
            _other_size,
            Expected(kind="images", told=[r"4\.png"], or_told=r"4\.png"),
        ),
        Case(
            "masks",
            "a list of both",
            _listed,
            Expected(kind="images", samples=COUNT, shape=(3, HEIGHT, WIDTH), or_told="mask"),
        ),
        Case(
            "masks",
            "picture and picture",
            pairs(_turned, "A/{i}.png", "B/{i}.png"),
            Expected(kind="images", samples=COUNT, told=["A"], or_told="B"),
        ),
    ]
    return found


def _more_masks(folder: Path) -> Path:
    path = pairs(as_white)(folder)
    as_white(1).save(path / "masks" / "77.png")
    return path


def _other_size(folder: Path) -> Path:
    path = pairs(as_white)(folder)
    as_white(4).resize((5, 5)).save(path / "masks" / "4.png")
    return path


def _listed(folder: Path) -> Path:
    path = pairs(as_white)(folder)
    with (path / "pairs.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("image", "mask"), *((f"images/{i}.png", f"masks/{i}.png") for i in range(COUNT))]
        )
    return path / "pairs.csv"


def _turned(index: int) -> Image.Image:
    return Image.fromarray(colour(index)[:, ::-1])


CASES = tuple(_all())
