"""What a panel is: one class in the file `panel.py` of a room of `app/`, or in a module of a package.

Its dock or tab, its menu entries, keys and tooltips, and its place in saved layouts are derived from it. The
file is read at every start, so it loads nothing heavy: `make` imports the widget.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from app.state.actions import VIEW
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from engine.document.project import Project
from nodes.param import JSON

_LINE_OF_TABS = 40
"""Height of the line in which the tabs of the lower area stand."""


class PanelPlace(Enum):
    """Where a panel is until it is moved."""

    LEFT = "left of the canvas"
    INNER_LEFT = "left of the canvas, beside the panels of the left"
    RIGHT = "right of the canvas"
    LOWER = "a tab of the area below the canvas"
    LOWER_RIGHT = "right of the area below the canvas"


@dataclass(frozen=True)
class PanelContext:
    """What a panel can read and ask for."""

    session: Session
    controller: RunController
    run_list: RunList
    add_layer: Callable[[str, Mapping[str, JSON]], object]
    """Adds a layer of this type, with these parameters, to the graph on show."""
    focus_canvas: Callable[[], None]
    show_samples: Callable[[str], None]
    """Shows the samples of the sampler with this path large."""
    show_data: Callable[[str], None] = lambda _node: None
    """Shows the data of this data node of the graph on show as they were understood."""
    show_lens: Callable[[str, str], None] = lambda _path, _kind: None
    """Looks at the node at this path through the lens of this kind, in the Lenses panel."""


PanelWidget = TypeVar("PanelWidget", bound=QWidget)


class Panel(ABC, Generic[PanelWidget]):
    """One panel. `id` names it in saved layouts, so it stays what it is."""

    id: ClassVar[str]
    title: ClassVar[str]
    """On its tab and on its bar while it floats."""
    menu_title: ClassVar[str] = ""
    """What menus call it after "Show"; by default the title in lower case."""
    place: ClassVar[PanelPlace]
    shortcut: ClassVar[str]
    """Shows and hides it."""
    extent: ClassVar[int] = 280
    """First width in pixels; of the lower area, its height."""
    lower_height: ClassVar[int] = 0
    """Of a panel beside the tabs of the lower area: its first height while the panel is in it, when the area
    also reaches below what is right of the canvas. 0: the area stays as it is."""
    order: ClassVar[int] = 100
    menu: ClassVar[str] = VIEW
    icon: ClassVar[str] = ""
    search_words: ClassVar[str] = "hide toggle panel"
    """More words by which the search for everything finds it."""
    shown_at_first: ClassVar[bool] = True
    made_at_once: ClassVar[bool] = False
    """Made with the window; other panels are made after the first paint."""
    covers_canvas_when_narrow: ClassVar[bool] = False
    """In a narrow window it lies over the canvas, for as long as something is selected."""
    floating_size: ClassVar[tuple[int, int] | None] = None

    @abstractmethod
    def make(self, context: PanelContext) -> PanelWidget:
        """The widget. It listens to the session and changes the project through `Session.apply` only."""
        raise NotImplementedError

    def opened(self, widget: PanelWidget) -> None:
        """Its tab was opened by its key or menu entry."""

    def floating_changed(self, widget: PanelWidget, floats: bool) -> None:
        """Its dock was taken out of the window or put back."""

    def leave_room(self, widget: PanelWidget, width: int) -> None:  # noqa: ARG002
        """Keep the first line free for the tabs, which are `width` pixels wide; by default, all of it."""
        widget.setContentsMargins(0, _LINE_OF_TABS, 0, 0)

    def suits(self, _project: Project) -> bool | None:
        """Whether it is to be on show when this project is opened; None: it stays as it is."""
        return None

    @property
    def called(self) -> str:
        """What menus call it."""
        return self.menu_title or self.title.lower()

    @property
    def floating_shortcut(self) -> str:
        """The keys that take its dock out of the window."""
        return f"Ctrl+Alt+{self.shortcut[-1:]}"
