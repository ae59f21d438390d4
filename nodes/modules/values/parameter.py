"""A tensor of its own as a module, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn


class Parameter(nn.Module):
    """`value` (…) as one row (1, …), or as a row for each sample of another value (N, …)."""

    def __init__(self, shape: Sequence[int], start: str, spread: float, values: Sequence[float] = ()) -> None:
        super().__init__()
        self.value = nn.Parameter(torch.zeros(tuple(shape)))
        if start == "ones":
            nn.init.ones_(self.value)
        elif start == "normal":
            nn.init.normal_(self.value, std=spread)
        elif start == "uniform":
            nn.init.uniform_(self.value, -spread, spread)
        elif start == "values":
            with torch.no_grad():
                self.value.copy_(torch.tensor(values, device=self.value.device).reshape(tuple(shape)))

    def forward(self, like: Tensor | None) -> Tensor:
        # a copy, because a layer behind it may work in place
        rows = 1 if like is None else like.shape[0]
        return self.value.expand(rows, *self.value.shape).clone()

    def extra_repr(self) -> str:
        return "×".join(map(str, self.value.shape))


def picture(path: str, shape: tuple[int, ...]) -> Tensor:
    """The picture in a file as `(C, H, W)` of this shape, 0 black and 1 white. Raises `PictureError`."""
    import numpy as np
    from PIL import Image

    from nodes.reading.picture.open_picture import decoded

    channels, height, width = shape
    with decoded(Path(path).expanduser(), "L" if channels == 1 else "RGB", (width, height)) as opened:
        scaled = opened.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(scaled, dtype=np.float32).reshape(height, width, channels)
    return torch.from_numpy(pixels / np.float32(255.0)).permute(2, 0, 1).contiguous()
