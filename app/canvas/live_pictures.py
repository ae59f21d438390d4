"""What nodes show while a run goes: what their lenses see, losses, metrics; and the samples of a data source.

Asks the run only for what is in sight, and repaints only the nodes whose pictures changed. Samples are read
off the thread of the window, once per data set.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.canvas.items.measures import Level
from app.canvas.items.node_item import NodeItem
from app.canvas.items.pictures import preview_sheet
from app.canvas.parts import CanvasParts
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from app.style import theme
from app.training.run_words import lens_context
from app.widgets.background_task import BackgroundTask
from app.widgets.numbers import current, percent
from engine.data.pairing import NodeData, data_of
from engine.document import query
from engine.document.project import Project
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from nodes.data.source import DataSource
from nodes.reading.error import DataError
from nodes.registry import REGISTRY
from nodes.spec import Role
from nodes.training.metric import Metric

if TYPE_CHECKING:
    from app.state.run_controller import RunController
    from nodes.reading.preview import SetPreview

_SETTLE_MS = 80
_MOST_WATCHED = 64


class _MadeOf(NamedTuple):
    """Of what a picture was made."""

    frame: LensFrame
    lens: str
    rest: tuple[object, ...]

    def is_same(self, other: _MadeOf | None) -> bool:
        return other is not None and self.frame is other.frame and self[1:] == other[1:]


class LiveFeed(QObject):
    """Feeds the nodes of one view from the controller."""

    samples_wanted = Signal(str)  # the path of a sampler to be shown large

    def __init__(self, view: CanvasParts, controller: RunController) -> None:
        super().__init__(view.widget)
        self._view, self._scene, self._controller = view, view.drawing, controller
        self._previews: dict[NodeData, SetPreview | None] = {}
        self._asked: set[NodeData] = set()
        self._reading = BackgroundTask("samples", _preview, self)
        self._wanted: frozenset[LensRequest] = frozenset()
        self._known: tuple[Project, Context] | None = None
        self._shown: WeakKeyDictionary[NodeItem, _MadeOf] = WeakKeyDictionary()
        """Of what each node's picture was made."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self.watch)
        controller.frames_changed.connect(self._frames_changed)
        controller.events.connect(lambda _: self._show_numbers())
        controller.moments.changed.connect(self._show_numbers)
        controller.state_changed.connect(self._state_changed)
        controller.run_started.connect(self.refresh)
        controller.drawing.changed.connect(self._drawing_changed, Qt.ConnectionType.QueuedConnection)
        self._scene.nodes_changed.connect(self.refresh)
        view.session.project_changed.connect(self._project_changed)
        theme.changed.connect(self.refresh)
        self._reading.answered.connect(self._sample_read)
        self._reading.failed.connect(self._not_read)
        self.refresh()

    def _project_changed(self, old: Project, new: Project) -> None:
        """Another seed holds other samples back."""
        if old.settings.seed != new.settings.seed:
            self.refresh()

    def settle(self) -> None:
        """What is in sight changed; ask again when it has stopped changing."""
        if self._view.widget.isVisible():
            self._timer.start()

    def watch(self) -> None:
        """Tell the run which nodes are in sight."""
        wanted = self._in_sight() if self._view.widget.isVisible() else frozenset()
        if wanted != self._wanted:
            self._wanted = wanted
            self._controller.watch(self, wanted)

    def rest(self) -> None:
        """The view is hidden: ask for nothing, and call off what is being read."""
        self._timer.stop()
        self._wanted = frozenset()
        self._controller.watch(self, frozenset())
        self._call_off()

    def _call_off(self) -> None:
        """Nobody wants the samples that are being read; who wants them again asks anew."""
        self._reading.call_off()
        for data in self._asked:
            self._previews.pop(data, None)
        self._asked.clear()

    def wait(self) -> None:
        """Until the samples that are being read are there."""
        self._reading.wait()

    def refresh(self) -> None:
        """Every picture and number that may differ: nodes came, or the theme changed."""
        if self._known is not None and self._known[1].info is None:
            self._known = None  # by now its data may have been read
        sources = []
        for key, item in self._scene.nodes.items():
            if item.card.lens:
                self._show_frame(key, item)
            elif item.card.picture is not None:
                sources.append((key, item))
        self._show_samples(dict(sources))
        self._show_numbers()
        self.settle()

    def enlarge(self, item: NodeItem) -> bool:
        """Ask for the samples of this node to be shown large; False where it draws none."""
        found = bool(item.card.lens) and LENSES[item.card.lens].cost is Cost.LOOP
        if found:
            self.samples_wanted.emit(self._view.session.path_of(item.card.id))
        return found

    # Frames --------------------------------------------------------------------------------

    def _in_sight(self) -> frozenset[LensRequest]:
        if self._view.camera.level is not Level.FULL:
            return frozenset()
        session = self._view.session
        found = []
        for key in self._scene.hit_testing.nodes_in(self._view.camera.visible_rect()):
            lens = self._scene.nodes[key].card.lens
            if lens:
                found.append(LensRequest(lens, session.path_of(key)))
        return frozenset(sorted(found, key=lambda request: request.target)[:_MOST_WATCHED])

    def _frames_changed(self, paths: set[str]) -> None:
        prefix = self._view.session.path_of("")
        for path in paths:
            key = path.removeprefix(prefix)
            item = self._scene.nodes.get(key)
            if item is not None and self._view.session.path_of(key) == path:
                self._show_frame(key, item)

    def _drawing_changed(self) -> None:
        """What is shown may be of the present drawing no more, or again."""
        if self._controller.frames or self._controller.run is not None:
            self.refresh()

    def _state_changed(self) -> None:
        if (
            self._controller.state == "idle"
        ):  # another project: what nodes of the same names computed is not its
            for item in self._scene.nodes.values():
                item.set_stale("")
                if item.card.lens:
                    item.set_sheet(None)
        self._show_numbers()

    def _show_frame(self, key: str, item: NodeItem) -> None:
        lens, room = item.card.lens, item.card.picture
        if not lens or room is None:
            return
        frame, is_stale = self._controller.drawing.seen(lens, self._view.session.path_of(key))
        item.set_stale(self._controller.drawing.sentence if is_stale else "")
        if frame is None:
            item.set_sheet(None)
            return
        node = self._scene.graph.nodes.get(key)
        prompt = str(node.params.get("prompt", "")) if node is not None else ""
        context = self._context(prompt).of(frame)
        made_of = _MadeOf(frame, lens, (room, context, theme.current()))
        if item.sheet is None or not made_of.is_same(self._shown.get(item)):
            self._shown[item] = made_of
            item.set_sheet(PAINTERS[lens].thumbnail(frame.arrays, room, context, theme.current()))

    def _context(self, prompt: str) -> Context:
        """What painters may know of the run, worked out once for its drawing."""
        project = self._controller.drawing.shown_project
        if self._known is None or self._known[0] is not project:
            self._known = project, lens_context(project)
        return replace(self._known[1], prompt=prompt)

    # Numbers --------------------------------------------------------------------------------

    def _show_numbers(self) -> None:
        """Losses and metrics on the cards that compute them, at the moment that pictures show."""
        session, controller = self._view.session, self._controller
        for key, item in self._scene.nodes.items():
            if item.card.family not in ("loss", "metric"):
                continue
            node = self._scene.graph.nodes.get(key)
            declared = REGISTRY[node.layer] if node is not None and node.layer in REGISTRY else None
            if declared is None:
                continue
            if declared.role is Role.METRIC:
                value = controller.drawing.metric(session.path_of(key))
                show = percent if issubclass(declared, Metric) and declared.is_share else current
                item.set_live("" if value is None else show(value))
            elif declared.role is Role.LOSS:
                item.set_live(self._loss_of(key))
            is_stale = bool(item.live) and controller.drawing.is_stale(session.path_of(key))
            item.set_stale(controller.drawing.sentence if is_stale else "")

    def _loss_of(self, key: str) -> str:
        """The loss of the objective that takes this node's output alone."""
        graph, session = self._scene.graph, self._view.session
        for after in query.index(graph).after(key):
            loss = self._controller.drawing.loss(session.path_of(after))
            if loss is not None and len(query.index(graph).into[(after, "loss")]) == 1:
                return current(loss)
        return ""

    # Samples --------------------------------------------------------------------------------

    def _show_samples(self, items: dict[str, NodeItem]) -> None:
        """Samples of these data nodes, as they train; of those that are not read yet, soon."""
        sources = query.layers_of(self._scene.graph, DataSource) if items else {}
        for key in sources.keys() & items.keys():
            data = data_of(sources, key, self._view.session.project.settings.seed)
            if data not in self._previews:
                self._previews[data] = None
                self._asked.add(data)
                self._reading.ask(data)
            preview, item = self._previews[data], items[key]
            if preview is not None and item.card.picture is not None:
                item.set_sheet(preview_sheet(preview, item.card.picture, theme.current()))

    def _not_read(self, data: NodeData, _error: str) -> None:
        """An unexpected error, which is told elsewhere: the node stays without samples."""
        self._asked.discard(data)

    def _sample_read(self, data: NodeData, preview: SetPreview | None) -> None:
        self._asked.discard(data)
        self._previews[data] = preview
        items = self._scene.nodes.items()
        self._show_samples({key: item for key, item in items if item.card.picture is not None})


def _preview(data: NodeData) -> SetPreview | None:
    """Samples of a data set; None where they cannot be read: inference names the problem on the node."""
    from engine.data import shown

    try:
        return shown.preview(data)
    except DataError:
        return None
