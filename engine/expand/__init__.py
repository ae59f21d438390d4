"""Drawing -> flat nodes: every placed block and network becomes plain nodes with full paths.

Inference and the compiler both read the expansion.
"""

from engine.expand.expansion import expand

__all__ = ["expand"]
