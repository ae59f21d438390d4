"""What of an earlier expansion stands after an edit, and a layer that changed in its parameters alone."""

from __future__ import annotations

from engine.document.changes import same_graph
from engine.document.project import MAIN, Graph, Project
from engine.expand.flat import FlatNode
from engine.expand.site import NodeExpansion, Site
from engine.expand.wiring import GraphWiring
from nodes.spec import Layer


def changed_definitions(project: Project, before: Project | None) -> frozenset[str]:
    """Definitions that changed in more than layout."""
    if before is None:
        return frozenset(project.graphs)
    old = before.graphs
    same = {name for name, graph in project.graphs.items() if name in old and same_graph(graph, old[name])}
    return (frozenset(project.graphs) | frozenset(old)) - same - {MAIN}


def changed_nodes(graph: Graph, old: Graph) -> frozenset[str]:
    """Nodes that are new or other values than before."""
    if graph.nodes is old.nodes:
        return frozenset()
    before = old.nodes
    return frozenset(name for name, node in graph.nodes.items() if before.get(name) is not node)


def rewired_nodes(wiring: GraphWiring, old: GraphWiring) -> frozenset[str]:
    """Nodes with other wires than before."""
    if wiring is old:
        return frozenset()
    into = old.into
    fed = frozenset(name for name, ports in wiring.into.items() if into.get(name) is not ports)
    return fed | (wiring.wired ^ old.wired)


def leaf_again(site: Site, layer: Layer, kept: NodeExpansion) -> NodeExpansion | None:
    """The expansion of a node whose wires stand, with this layer; None where its ports are others now."""
    flat = kept.flats[0]
    if kept.scopes or layer.input_ports() != flat.layer.input_ports():
        return None
    if layer is not flat.layer and layer.output_ports() != flat.layer.output_ports():
        return None
    frozen = site.node.frozen or site.where.frozen
    if layer != flat.layer or frozen != flat.frozen:
        flat = FlatNode(flat.path, flat.weight_path, flat.graph, flat.id, layer, flat.inputs, frozen)
    return NodeExpansion(site.node, (flat,), kept.outs, declared=kept.declared)
