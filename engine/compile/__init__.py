"""Project -> Plan: torch modules named by node paths, one torch.fx graph per objective.

The same project, seed and device give the same weights and the same graphs.
"""

from engine.compile.compiler import compile  # noqa: A004
from engine.compile.error import CompileError
from engine.compile.plan import Plan

__all__ = ["CompileError", "Plan", "compile"]
