"""Edits: plain functions from a project to a project that shares everything it did not change.

Each refuses with `EditError` what would make the drawing invalid, and returns the same object where nothing
changes. The edits of every module of this package can be imported from here.
"""

from engine.document.edits.decoration import (
    add_frame,
    add_note,
    change_frame,
    change_note,
    remove_frames,
    remove_notes,
    rename_project,
    set_settings,
)
from engine.document.edits.definitions import (
    add_definition,
    fresh_definition,
    remove_definition,
    set_border,
    set_parameters,
)
from engine.document.edits.editing import EditError
from engine.document.edits.fragment import (
    Fragment,
    copy_fragment,
    fragment_from_text,
    fragment_to_text,
    paste,
)
from engine.document.edits.graph import (
    add_node,
    connect,
    disconnect,
    fresh_id,
    insert_on_wire,
    main_port,
    move,
    remove_and_heal,
    remove_nodes,
    reset_param,
    set_bypassed,
    set_condition,
    set_frozen,
    set_param,
)
from engine.document.edits.lenses import (
    add_card,
    change_card,
    move_card,
    pin_lens,
    remove_card,
    show_lens,
    unpin_lens,
)
from engine.document.edits.parameters import (
    add_parameter,
    move_parameter,
    promote,
    remove_parameter,
    rename_parameter,
    set_parameter,
)
from engine.document.edits.renaming import rename_definition, rename_node
from engine.document.edits.update import set_origin, update_definition

__all__ = [
    "EditError",
    "Fragment",
    "add_card",
    "add_definition",
    "add_frame",
    "add_node",
    "add_note",
    "add_parameter",
    "change_card",
    "change_frame",
    "change_note",
    "connect",
    "copy_fragment",
    "disconnect",
    "fragment_from_text",
    "fragment_to_text",
    "fresh_definition",
    "fresh_id",
    "insert_on_wire",
    "main_port",
    "move",
    "move_card",
    "move_parameter",
    "paste",
    "pin_lens",
    "promote",
    "remove_and_heal",
    "remove_card",
    "remove_definition",
    "remove_frames",
    "remove_nodes",
    "remove_notes",
    "remove_parameter",
    "rename_definition",
    "rename_node",
    "rename_parameter",
    "rename_project",
    "reset_param",
    "set_border",
    "set_bypassed",
    "set_condition",
    "set_frozen",
    "set_origin",
    "set_param",
    "set_parameter",
    "set_parameters",
    "set_settings",
    "show_lens",
    "unpin_lens",
    "update_definition",
]
