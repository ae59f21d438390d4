"""The sizes and places of a scene as plain numbers, for edits that must know them: see `editing.geometry`."""

from __future__ import annotations

from app.canvas.items.card import Card, describe
from app.canvas.items.scene import CanvasScene
from engine.document.project import Graph, Node, Point, Wire
from nodes.spec import Port, TensorSpec


class SceneGeometry:
    """Answers from the items of the scene; (x0, y0, x1, y1) in pixels of the scene."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene

    @property
    def chosen_wires(self) -> frozenset[Wire]:
        return self._scene.chosen_wires

    def card_for(self, node: Node) -> Card:
        """The card of a node that is not on the scene yet."""
        return describe(self._scene.session.project, Graph(), node, None, ())

    def title(self, key: str) -> str:
        return self._scene.nodes[key].card.title

    def shown(self) -> frozenset[str]:
        return frozenset(self._scene.nodes)

    def box(self, key: str) -> tuple[float, float, float, float]:
        return self._scene.nodes[key].box

    def origin(self, key: str) -> Point:
        """The upper left corner of a card as it is shown now."""
        item = self._scene.nodes[key]
        return Point(item.x(), item.y())

    def outputs(self, key: str) -> tuple[Port, ...]:
        return self._scene.nodes[key].card.outputs

    def port_height(self, key: str, port: str, *, output: bool) -> float:
        """The y of a port."""
        return self._scene.nodes[key].place(port, output=output).y()

    def bottom(self) -> float:
        """The lower edge of everything that is drawn."""
        return self._scene.hit_testing.content_rect().bottom()

    def is_free(self, box: tuple[float, float, float, float]) -> bool:
        """Whether no card is in this area."""
        return not self._scene.plane.within(box)

    def spec_at(self, node: str, port: str, *, output: bool) -> TensorSpec | None:
        return self._scene.spec_at(node, port, output=output)
