"""What the canvas says about the thing under a resting mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.canvas.items.node_item import PortAt

if TYPE_CHECKING:
    from app.canvas.items.scene import CanvasScene


def tooltip_at(scene: CanvasScene, at: QPointF) -> str:
    """The tooltip at a place of the scene; empty where there is nothing to say."""
    item = scene.hit_testing.node_at(at)
    badge = next(
        (
            scene.nodes[key]
            for key in scene.plane.within((at.x() - 10, at.y() - 10, at.x() + 10, at.y() + 10))
        ),
        None,
    )
    for held in (item, badge):
        if held is not None and held.card.problem and (held is item or _on_badge(held.box, at)):
            return held.card.problem
    spot = scene.hit_testing.port_at(at)
    if spot is not None:
        return _port(scene, spot)
    if item is not None:
        card = item.card
        words = [card.title if card.title == card.id else f"{card.title} ({card.id})", card.label]
        if card.bypassed:
            words.append("Bypassed: passes its input through")
        if card.frozen:
            words.append("Frozen: its weights do not change")
        words.append(item.stale)
        return "\n".join(word for word in words if word)
    wire = scene.hit_testing.wire_at(at)
    if wire is None:
        return ""
    spec = scene.spec_at(wire.wire.source.node, wire.wire.source.port, output=True)
    ends = f"{'.'.join(wire.wire.source)} → {'.'.join(wire.wire.target)}"
    return f"{ends}\n{spec} · {spec.dtype}" if spec is not None else ends


def _on_badge(box: tuple[float, float, float, float], at: QPointF) -> bool:
    return abs(at.x() - box[2] + 2) <= 10 and abs(at.y() - box[1] - 2) <= 10


def _port(scene: CanvasScene, spot: PortAt) -> str:
    spec = scene.spec_at(spot.node, spot.port.name, output=spot.output)
    lines = [spot.port.name + (f": {spot.port.help}" if spot.port.help else "")]
    if spec is not None:
        lines.append(f"{spec} · {spec.dtype}")
    return "\n".join(lines)
