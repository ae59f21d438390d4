"""Exports the names and layers of all nodes as a text file."""

from __future__ import annotations

from pathlib import Path

from engine.document.project import Project
from engine.exchange.contract import Exported, Exporter


class NodeList(Exporter):
    id = "node-list"
    title = "List of nodes"
    suffix = ".txt"

    def export(self, project: Project, target: Path, weights: Path | None = None) -> Exported:
        nodes = [node for graph in project.graphs.values() for node in graph.nodes.values()]
        target.write_text("".join(f"{node.id} {node.layer}\n" for node in nodes), "utf-8")
        wires = sum(len(graph.wires) for graph in project.graphs.values())
        return Exported((target,), f"{len(nodes)} nodes were written, {wires} wires were left out.")
