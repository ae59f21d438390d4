"""Edits that use the user's own blocks: placed in the drawing, updated to what the folder has now."""

from __future__ import annotations

from app.canvas.editing import block_library
from app.canvas.editing.geometry import EditedSession
from engine.document import edits
from engine.document.edits.editing import EditError
from engine.document.project import Point
from engine.document.storage.library import LibraryError


def place(session: EditedSession, name: str, at: Point) -> str | None:
    """Put a block of the folder on the canvas, with all that it places; its id, None where it is refused."""
    try:
        fragment = block_library.block(name).fragment()
        made, ids = edits.paste(session.project, session.view.graph, fragment, at)
    except (LibraryError, EditError) as error:
        session.notify(str(error), "warn")
        return None
    session.apply(made, f"Add {name} from My blocks")
    session.select(ids)
    return next(iter(ids))


def update(session: EditedSession, definition: str) -> None:
    """Have what the folder has now of a definition, wherever it is placed."""
    block = block_library.newer(session.project.graphs[definition])
    if block is None:
        return
    changed = session.attempt(
        lambda p: edits.update_definition(p, definition, block.definition, block.definitions()),
        f"Update {definition} from My blocks",
    )
    if changed:
        session.notify(f"{definition} is what My blocks has now. Undo brings the former one back.")
