"""Drawing -> Report: the shapes and the cost of every node, and the problems with their fixes.

`inference` walks the drawing, `layer` evaluates one layer; `fixes` and
`structure_fixes` propose the edits that solve problems.
"""

from engine.infer.inference import infer, warm_up

__all__ = ["infer", "warm_up"]
