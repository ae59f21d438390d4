"""What somebody wants to see: the kind of lens and the path it looks at. A value; it computes nothing."""

from __future__ import annotations

import msgspec


class LensRequest(msgspec.Struct, frozen=True):
    """`kind` names the lens, `target` is a path in the drawing ("conv1", "stage3.0.conv2").

    Kinds: "feature_maps" (arrays: `output` of the pinned sample: (C, H, W), (T, F) or (F)), "kernels"
    (arrays: `weight`, `bias`), "prediction" (arrays: `input`, `output`, `target` of the pinned sample
    and, of data that were scaled, `input_unit`, `target_unit`: offsets and factors back to the unit of the
    data, (2, 1) or (2, columns)), "samples" (of a sampler; arrays: `samples`, pictures (n, C, H, W) in [0, 1]
    or rows (n, F), with `real` (m, F) where data are drawn beside them, `trail` (k, n, …), the way to the
    samples, `label` (n), `columns`, how many make a row; or `text` (n)).
    """

    kind: str
    target: str
