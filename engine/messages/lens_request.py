"""What somebody wants to see: the kind of lens and the path it looks at. A value; it computes nothing."""

from __future__ import annotations

import msgspec


class LensRequest(msgspec.Struct, frozen=True):
    """`kind` names the lens, `target` is a path in the drawing ("conv1", "stage3.0.conv2").

    Which kinds there are, and what arrays they send, is declared in `engine.lens`.
    """

    kind: str
    target: str
