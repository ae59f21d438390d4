"""Saves a definition to the user's own blocks; asks before another block of that name is replaced."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.canvas.editing import block_library
from app.state.session import Session
from app.widgets.dialogs import DialogChoice, ask
from engine.document import edits
from engine.document.edits.editing import EditError
from engine.document.storage.library import LibraryError, blocks_folder, fingerprint, write_block


def save_block(parent: QWidget, session: Session, definition: str) -> None:
    """Write a definition to a file of My blocks. From then on it is told where that file changes."""
    if not _may_write(parent, session, definition):
        return
    try:
        block = write_block(blocks_folder(), session.project, definition)
    except (LibraryError, EditError) as error:
        session.notify(str(error), "warn")
        return
    session.attempt(
        lambda p: edits.set_origin(p, definition, block.origin), f"Save {definition} to My blocks"
    )
    session.notify(f"{definition} is in the palette under My blocks now, for every project.", "good")


def _may_write(parent: QWidget, session: Session, definition: str) -> bool:
    if definition not in block_library.listed():
        return True
    try:
        present = block_library.block(definition).fingerprint
    except LibraryError:
        present = ""
    if present == fingerprint(session.project, definition):
        return True
    choices = (DialogChoice("cancel", "Cancel"), DialogChoice("replace", "Replace it", grave=True))
    text = (
        f"My blocks has another {definition}. Projects that use it keep what they have, and are offered this "
        "version. The former one cannot be brought back."
    )
    return ask(parent, f"Replace {definition} in My blocks?", text, choices) == "replace"
