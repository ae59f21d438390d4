"""Pictures as cameras, scanners, microscopes and the web write them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.pictures import COLOURS, GREYS, HEIGHT, WIDTH, grey, right, saved
from tests.corpus.kinds.public.picture_trees import films, turned

CASES = (
    Case(
        "public pictures",
        "LA opaque",
        saved(
            lambda i: Image.fromarray(
                np.dstack([255 - grey(i), np.full((HEIGHT, WIDTH), 255, np.uint8)]), "LA"
            ),
            ".png",
        ),
        right([255 - g for g in GREYS]),
    ),
    Case(
        "public pictures",
        "I;16 big-endian tiff",
        saved(lambda i: Image.fromarray(grey(i).astype(">u2") * 257), ".tif"),
        right(GREYS),
    ),
    Case(
        "public pictures",
        "12 bits in a TIFF of 16",
        saved(lambda i: Image.fromarray(grey(i).astype(np.uint16) * 16), ".tif"),
        Expected(kind="images", samples=8, told=["Which number is white"]),
    ),
    Case(
        "public pictures",
        "int32 tiff with negatives (CT)",
        saved(lambda i: Image.fromarray(grey(i).astype(np.int32) * 10 - 1000), ".tif"),
        Expected(kind="images", samples=8, told=["(?i)Black and white of 32 bits"]),
    ),
    Case("public pictures", "animated gif", films, Expected(samples=8, told=["(?i)pages or frames"])),
    Case(
        "public pictures",
        "CMYK jpeg",
        saved(lambda i: Image.fromarray(COLOURS[i]).convert("CMYK"), ".jpg", quality=100),
        right(COLOURS, tolerance=12),
    ),
    Case(
        "public pictures",
        "exif 5",
        turned(5),
        right([np.transpose(c, (1, 0, 2)) for c in COLOURS], tolerance=12),
    ),
    Case("public pictures", "exif 2 mirror", turned(2), right([c[:, ::-1] for c in COLOURS], tolerance=12)),
    Case(
        "public pictures",
        "1x1 tiles",
        saved(lambda i: Image.fromarray(np.full((1, 1, 3), i * 20, np.uint8)), ".png"),
        Expected(samples=8, shape=(3, 1, 1)),
    ),
    Case(
        "public pictures",
        "portrait and landscape",
        saved(lambda i: Image.fromarray(COLOURS[i] if i % 2 else COLOURS[i].transpose(1, 0, 2)), ".png"),
        Expected(samples=8, told=["How do pictures of other sizes"]),
    ),
    Case(
        "public pictures",
        "inverted 1-bit tiff (fax)",
        saved(lambda i: Image.fromarray(GREYS[i] > 100), ".tif"),
        right([np.where(g > 100, 255, 0).astype(np.uint8) for g in GREYS]),
    ),
)
