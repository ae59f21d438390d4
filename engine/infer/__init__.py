"""Drawing -> Report: the shapes and the cost of every node, and the problems with their repairs.

`inference` walks the drawing, `layer` asks one layer; `repair` and `repair_structure`
propose the edits that mend.
"""

from engine.infer.inference import infer, warm_up

__all__ = ["infer", "warm_up"]
