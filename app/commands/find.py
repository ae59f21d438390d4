"""What the search for everything can find in a window: actions, layers, nodes, projects.

It makes the entries; matching and showing them is the command palette's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from app.canvas.editing.definition_edits import layer_for, new_definition, placeable
from app.commands.action_list import actions
from app.commands.action_set import keys_text
from app.commands.command_palette import PaletteEntry
from app.commands.command_window import CommandWindow
from app.state import settings
from app.state.actions import EDIT, FILE, GRAPH, HELP, RUN, VIEW
from app.style import theme
from engine.document.building_blocks import building_blocks
from engine.document.project import MAIN
from engine.document.storage import gallery
from nodes.registry import REGISTRY


def entries(window: CommandWindow) -> list[PaletteEntry]:
    """Everything that can be done or gone to now."""
    found = list(_actions(window))
    if window.shows_drawing:
        found += [*_nodes(window), *_definitions(window), *_layers(window)]
    return [*found, *_projects(window)]


_FIRST = (RUN, VIEW, EDIT, GRAPH, FILE, HELP)


def _actions(window: CommandWindow) -> Iterator[PaletteEntry]:
    for declared in sorted(actions(), key=lambda action: _FIRST.index(action.menu)):
        if declared.id != "command_palette" and window.actions_.is_enabled(declared):
            title = window.actions_.title(declared).rstrip("…")
            keys, run = keys_text(declared), partial(window.actions_.run, declared.id)
            yield PaletteEntry(title, declared.menu, run, keys, theme.current().accent, declared.words, 30)


def _layers(window: CommandWindow) -> Iterator[PaletteEntry]:
    for layer in REGISTRY.values():
        tint = theme.current().family(layer.family.value)

        def add(layer_type: str = layer.type) -> None:
            window.workbench().canvas.add_layer(layer_type)

        yield PaletteEntry(
            f"Add {layer.title}", layer.family.heading, add, "", tint, " ".join(layer.aliases), 20
        )


def _nodes(window: CommandWindow) -> Iterator[PaletteEntry]:
    session = window.session
    for node in session.graph.nodes.values():
        layer = REGISTRY.get(node.layer)
        title = REGISTRY.title_of(node.layer)
        tint = theme.current().family(layer.family.value) if layer is not None else theme.current().warn

        def go(name: str = node.id) -> None:
            session.select(frozenset({name}))
            window.workbench().canvas.reveal(name)

        yield PaletteEntry(f"Go to {node.id}", title, go, "", tint, title, 10)


def _definitions(window: CommandWindow) -> Iterator[PaletteEntry]:
    session, tint = window.session, theme.current().family("structure")
    for name in session.project.graphs:
        if name != session.view.graph:
            title = "Main" if name == MAIN else name
            yield PaletteEntry(f"Open {title}", "Graph", partial(session.show_tab, name), "", tint, "tab", 12)
    for name in placeable(session):

        def place(definition: str = name) -> None:
            kind = layer_for(session.project, definition)
            window.workbench().canvas.add_layer(kind, {"definition": definition})

        yield PaletteEntry(f"Add {name}", "Definition", place, "", tint, "block network place", 20)
    for part in building_blocks():
        make = partial(new_definition, session, part)
        yield PaletteEntry(
            f"New {part.title}", "Definition", make, "", tint, f"{part.name} {part.summary}", 21
        )


def _projects(window: CommandWindow) -> Iterator[PaletteEntry]:
    for template in gallery.templates():

        def start(name: str = template.name) -> None:
            window.files.open_template(name)

        yield PaletteEntry(
            f"Open {template.title}", "Gallery", start, "", theme.current().good, template.name
        )
    for path in settings.recent_files():

        def reopen(chosen: Path = path) -> None:
            window.files.open_path(chosen)

        yield PaletteEntry(f"Open {path.stem}", "Recent", reopen, "", theme.current().faint, str(path))
