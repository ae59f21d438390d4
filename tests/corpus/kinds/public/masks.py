"""Pictures with masks, named as the well-known sets name them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.masks import _wanted, as_colours, as_indices, as_white, classes, pairs
from tests.corpus.kinds.pictures import HEIGHT, WIDTH, colour
from tests.corpus.kinds.public.picture_trees import layout

TWO = _wanted(2)
EMPTY = Image.fromarray(np.full((HEIGHT, WIDTH), 255, np.uint8))


def _voc(index: int) -> Image.Image:
    """A mask with a palette, whose first row is 255."""
    found = np.where(np.arange(HEIGHT)[:, None] == 0, 255, classes(index)).astype(np.uint8)
    image = Image.fromarray(found, "P")
    image.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0] + [0] * 756 + [224, 224, 192])
    return image


CASES = (
    Case(
        "public masks",
        "0/1 masks",
        pairs(lambda i: Image.fromarray(classes(i, 2)), "images/{i}.png", "masks/{i}.png"),
        TWO,
    ),
    Case(
        "public masks", "carvana jpg + gif", pairs(as_white, "train/{i}.bmp", "train_masks/{i}_mask.gif"), TWO
    ),
    Case("public masks", "1.tif 1_seg.gif", pairs(as_white, "{i}.tif", "{i}_seg.gif"), TWO),
    Case(
        "public masks",
        "img_001 img_001_mask one folder",
        pairs(as_white, "img_{i:03}.bmp", "img_{i:03}_mask.png"),
        TWO,
    ),
    Case("public masks", "mask_ prefix", pairs(as_white, "images/{i}.png", "masks/mask_{i}.png"), TWO),
    Case(
        "public masks",
        "Isic: ISIC_i.png, ISIC_i_segmentation.png",
        pairs(as_white, "ISIC_Data/ISIC_{i:04}.png", "ISIC_GroundTruth/ISIC_{i:04}_segmentation.png"),
        TWO,
    ),
    Case(
        "public masks",
        "BSD DRIVE i_training.tif i_manual1.gif",
        pairs(as_white, "training/images/{i}_training.tif", "training/1st_manual/{i}_manual1.gif"),
        TWO,
    ),
    Case(
        "public masks",
        "drive with mask folder too",
        layout(
            {
                **{f"images/{i}_training.tif": Image.fromarray(colour(i)) for i in range(10)},
                **{f"1st_manual/{i}_manual1.gif": as_white(i) for i in range(10)},
                **{f"mask/{i}_training_mask.gif": EMPTY for i in range(10)},
            }
        ),
        TWO,
    ),
    Case(
        "public masks",
        "nuclei: several masks for each picture",
        layout(
            {
                **{f"id{i}/images/id{i}.png": i for i in range(8)},
                **{f"id{i}/masks/{k}{i}.png": as_white(i) for i in range(8) for k in "ab"},
            }
        ),
        Expected(or_told="(?i)mask|which folders are classes"),
    ),
    Case(
        "public masks",
        "jpeg noise masks",
        pairs(as_white, "images/{i}.png", "masks/{i}.jpg"),
        Expected(kind="images", samples=10, told=["(?i)white|grey|edge|threshold"]),
    ),
    Case(
        "public masks",
        "mask RGBA white on transparent",
        pairs(
            lambda i: Image.fromarray(
                np.dstack([np.full((HEIGHT, WIDTH, 3), 255, np.uint8), classes(i, 2) * 255])
            ),
            "images/{i}.png",
            "masks/{i}.png",
        ),
        Expected(
            kind="images", samples=10, targets=TWO.targets, inputs=TWO.inputs, or_told="one class alone"
        ),
    ),
    Case(
        "public masks",
        "mask palette VOC with 255 border",
        pairs(_voc, "JPEGImages/{i}.png", "SegmentationClass/{i}.png"),
        Expected(kind="images", samples=10, told=["255"]),
    ),
    Case(
        "public masks",
        "16 bit instance masks",
        pairs(
            lambda i: Image.fromarray(classes(i).astype(np.uint16) * 300), "images/{i}.png", "masks/{i}.png"
        ),
        Expected(kind="images", samples=10, told=["300"], targets=_wanted(3).targets, inputs=TWO.inputs),
    ),
    Case(
        "public masks",
        "cityscapes city folders",
        layout(
            {
                **{f"leftImg8bit/train/aachen/aachen_{i}_leftImg8bit.png": i for i in range(8)},
                **{f"gtFine/train/aachen/aachen_{i}_gtFine_labelIds.png": as_indices(i) for i in range(8)},
            }
        ),
        Expected(samples=8, target=(HEIGHT, WIDTH), or_told="gtFine"),
    ),
    Case(
        "public masks",
        "camvid: colours in a folder called LabeledApproved",
        pairs(as_colours, "701_StillsRaw_full/{i}.png", "LabeledApproved_full/{i}_L.png"),
        Expected(kind="images", samples=10, target=(HEIGHT, WIDTH), told=["What are 701"]),
    ),
    Case(
        "public masks",
        "one lacking on each side, so that an order of names would shift",
        layout(
            {
                **{f"images/{i}.png": i for i in range(9) if i != 2},
                **{f"masks/{i}.png": as_white(i) for i in range(9) if i != 5},
            }
        ),
        Expected(samples=7, told=["2|5"]),
    ),
    Case(
        "public masks",
        "masks of classes in one folder with names like ab",
        pairs(as_white, "x/{i}.png", "y/{i}.png"),
        Expected(told=["(?i)class|pair|partner"]),
    ),
    Case(
        "public masks",
        "two classes with and without a mask, of the same names",
        layout({f"{c}/{i}.png": i + len(c) for c in ("with_mask", "without_mask") for i in range(4)}),
        Expected(samples=8, classes=("with_mask", "without_mask")),
    ),
    Case(
        "public masks",
        "two classes mask and no_mask, of the same names",
        layout({f"{c}/{i}.png": i + len(c) for c in ("mask", "no_mask") for i in range(4)}),
        Expected(samples=8, classes=("mask", "no_mask")),
    ),
    Case(
        "public masks",
        "two classes mask and nomask, of the same names",
        layout({f"{c}/{i}.png": i + len(c) for c in ("mask", "nomask") for i in range(4)}),
        Expected(samples=8, classes=("mask", "nomask"), or_told="What are mask"),
    ),
)
