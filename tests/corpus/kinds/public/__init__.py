"""Files as they are found in public: UCI, Kaggle, Hugging Face, exports of programs and of many countries."""

from __future__ import annotations

import importlib
import pkgutil

_NAMES = sorted(found.name for found in pkgutil.iter_modules(__path__))
CASES = tuple(
    case for name in _NAMES for case in getattr(importlib.import_module(f"{__name__}.{name}"), "CASES", ())
)
