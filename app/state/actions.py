"""Every action of the window but those of panels, declared once as data; menus and keys derive from it.

An action names the method that does it and the conditions under which it can be done; both are in
`app.commands`. Context menus and tooltips take titles and keys from here by the id of the action. The actions
of a panel follow from its declaration, in `app.commands.action_list`, which has them all.
"""

from __future__ import annotations

from dataclasses import dataclass

FILE, EDIT, GRAPH, VIEW, RUN, HELP = "File", "Edit", "Graph", "View", "Run", "Help"
MENUS = (FILE, EDIT, GRAPH, VIEW, RUN, HELP)


@dataclass(frozen=True)
class Action:
    """One thing a person can do.

    `method` (by default the id) is called on `Commands`, with `argument` where there is one. `when` names
    conditions that must all hold. `state` names a condition that shows as a tick. `opens` starts a section.
    `also` is a second shortcut. `panel` is the id of the panel that it is about.
    """

    id: str
    title: str
    menu: str
    shortcut: str = ""
    icon: str = ""
    when: tuple[str, ...] = ()
    state: str = ""
    method: str = ""
    argument: str = ""
    submenu: str = ""
    opens: bool = False
    words: str = ""
    also: str = ""
    panel: str = ""

    @property
    def call(self) -> str:
        return self.method or self.id


def _theme(choice: str, key: str) -> Action:
    return Action(
        f"theme_{choice}", f"{choice.capitalize()} theme", VIEW, key, state=f"theme_{choice}",
        method="choose_theme", argument=choice, submenu="Theme", words="colours appearance mode",
    )  # fmt: skip


def _flow(quantity: str, title: str, key: str) -> Action:
    return Action(
        f"flow_{quantity}", title, VIEW, key, when=("drawing",), state=f"flow_{quantity}",
        method="show_flow", argument=quantity, submenu="Show flow",
        words="flow network starves explodes vanishing dead cost overlay colour",
    )  # fmt: skip


def _of_run(
    name: str, title: str, key: str, *when: str, words: str = "", opens: bool = False, icon: str = ""
) -> Action:
    return Action(
        f"run_{name}", title, RUN, f"Ctrl+Alt+{key}", icon, ("drawing", *when), method="on_run",
        argument=name, submenu="Runs of this project", words=f"run {words}", opens=opens,
    )  # fmt: skip


_RUNS = (
    _of_run("open", "Open the drawing of the run", "E", "one_run", words="restore copy"),
    _of_run("resume", "Resume the run", "R", "resumable", "idle", words="go on checkpoint"),
    _of_run("rewind", "Rewind: train again from the same initial weights", "W", "one_run", "idle",
            words="repeat restart"),
    _of_run("continue", "Continue with changes: this drawing, the run's weights", "C", "one_run", "idle",
            words="warm start fine-tune transfer"),
    _of_run("curves", "Show the curves of the runs", "V", "runs_chosen", words="overlay chart"),
    _of_run("compare", "Compare two runs", "M", "two_runs", words="difference diff"),
    _of_run("rename", "Rename the run", "K", "one_run", words="name"),
    _of_run("note", "Write a note on the run", "B", "one_run", words="comment"),
    _of_run("tag", "Tag the run", "J", "one_run", words="label"),
    _of_run("folder", "Show the folder of the run", "P", "one_run", words="files checkpoints"),
    _of_run("report", "Write a report of the run…", "Z", "one_run", words="html page export share print"),
    _of_run("delete", "Delete the runs…", "X", "runs_chosen", words="remove"),
    _of_run("load", "Train from a file of weights…", "H", "idle", words="load safetensors pretrained"),
    _of_run("follow", "Follow a run of somebody else…", "Y", "idle", words="watch folder remote"),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action("new", "New project", FILE, "Ctrl+N", "file-plus-outline"),
    Action("open", "Open…", FILE, "Ctrl+O", "folder-open-outline", words="load file project"),
    Action("add_data", "Add data…", FILE, "Ctrl+Shift+I", "table-plus",
           words="data set file folder table csv pictures import drop look"),
    Action("gallery", "Gallery", FILE, "Ctrl+Shift+O", "view-grid-outline",
           words="templates examples start"),
    Action("save", "Save", FILE, "Ctrl+S", "content-save-outline", when=("drawing",), opens=True),
    Action("save_as", "Save as…", FILE, "Ctrl+Shift+S", when=("drawing",)),
    Action("rename_project", "Rename project…", FILE, "Ctrl+Shift+F2", when=("drawing",)),
    Action("clear_recent", "Clear recent files", FILE, "Ctrl+Shift+Backspace", when=("recent",), opens=True),
    Action("quit", "Quit", FILE, "Ctrl+Q", "power", opens=True, words="exit close"),
    Action("undo", "Undo", EDIT, "Ctrl+Z", "undo", when=("drawing", "undo")),
    Action("redo", "Redo", EDIT, "Ctrl+Shift+Z", "redo", when=("drawing", "redo"), also="Ctrl+Y"),
    Action("cut", "Cut", EDIT, "Ctrl+X", "content-cut", when=("drawing", "selection"), opens=True),
    Action("copy", "Copy", EDIT, "Ctrl+C", "content-copy", when=("drawing", "selection")),
    Action("paste", "Paste", EDIT, "Ctrl+V", "content-paste", when=("drawing",)),
    Action("duplicate", "Duplicate", EDIT, "Ctrl+D", when=("drawing", "selection"), words="copy"),
    Action("delete", "Delete", EDIT, "Del", "trash-can-outline", when=("drawing", "deletable"),
           words="remove", also="Backspace"),
    Action("delete_and_heal", "Delete and heal", EDIT, "Ctrl+Del", when=("drawing", "selection"),
           words="remove reconnect wire through"),
    Action("select_all", "Select all", EDIT, "Ctrl+A", when=("drawing",)),
    Action("select_none", "Select nothing", EDIT, "Ctrl+Shift+A", when=("drawing", "selection")),
    Action("rename", "Rename…", EDIT, "F2", "pencil-outline", when=("drawing", "one_selected"),
           opens=True),
    Action("bypass", "Bypass", EDIT, "Ctrl+B", when=("drawing", "selection"), state="bypassed",
           words="skip mute disable"),
    Action("freeze", "Freeze weights", EDIT, "Ctrl+Shift+F", when=("drawing", "selection"), state="frozen",
           words="lock"),
    Action("frame_selection", "Frame selection", EDIT, "Ctrl+Alt+G", when=("drawing", "selection"),
           words="group title box", opens=True),
    Action("add_note", "Add note", EDIT, "Ctrl+Alt+N", "note-text-outline", when=("drawing",),
           words="comment text"),
    Action("add_layer", "Add layer…", EDIT, "Ctrl+Space", "plus", when=("drawing",), opens=True,
           words="insert node search"),
    Action("make_block", "Make block of selection", GRAPH, "Ctrl+G", "cube-outline",
           when=("drawing", "selection"), words="group definition extract subgraph create"),
    Action("make_network", "Make network of selection", GRAPH, "Ctrl+Shift+N", "link-variant",
           when=("drawing", "selection"), words="group definition extract shared weights create"),
    Action("peek", "Peek inside", GRAPH, "Alt+Down", when=("drawing", "placement"),
           words="look block definition preview"),
    Action("unpack", "Unpack", GRAPH, "Ctrl+Shift+G", when=("drawing", "placement"),
           words="ungroup inline expand dissolve"),
    Action("make_unique", "Make unique", GRAPH, "Ctrl+Shift+U", when=("drawing", "placement"),
           words="fork own copy definition"),
    Action("save_block", "Save to My blocks", GRAPH, "Ctrl+Alt+U", when=("drawing", "placement"),
           words="library keep export block reuse"),
    Action("share_weights", "Share weights", GRAPH, "Ctrl+Shift+W", when=("drawing", "placement"),
           state="network", words="network block siamese own weights"),
    Action("over_time", "Run over time", GRAPH, "Ctrl+Shift+Y", "replay", when=("drawing", "placement"),
           state="scan", words="scan loop recurrent rnn sequence steps state"),
    Action("new_graph", "New definition", GRAPH, "Ctrl+T", "plus", when=("drawing",), opens=True,
           words="empty graph block network tab"),
    Action("add_graph", "Add definition…", GRAPH, "Ctrl+Shift+T", when=("drawing",),
           words="template part open tab"),
    Action("rename_graph", "Rename definition…", GRAPH, "Shift+F2", when=("drawing", "definition")),
    Action("duplicate_graph", "Duplicate definition", GRAPH, "Ctrl+Shift+D", when=("drawing", "definition"),
           words="copy"),
    Action("delete_graph", "Delete definition", GRAPH, "Ctrl+Shift+Del", when=("drawing", "definition"),
           words="remove"),
    Action("add_input", "Add input", GRAPH, "Ctrl+Alt+I", when=("drawing", "definition"), opens=True,
           words="border port"),
    Action("add_output", "Add output", GRAPH, "Ctrl+Alt+O", when=("drawing", "definition"),
           words="border port"),
    Action("next_graph", "Next tab", GRAPH, "Ctrl+PgDown", when=("drawing", "several_tabs"), opens=True,
           words="graph definition", also="Ctrl+Tab"),
    Action("previous_graph", "Previous tab", GRAPH, "Ctrl+PgUp", when=("drawing", "several_tabs"),
           words="graph definition", also="Ctrl+Shift+Tab"),
    Action("tab_right", "Move tab right", GRAPH, "Ctrl+Shift+PgDown", when=("drawing", "definition"),
           method="move_tab", argument="1", words="reorder"),
    Action("tab_left", "Move tab left", GRAPH, "Ctrl+Shift+PgUp", when=("drawing", "definition"),
           method="move_tab", argument="-1", words="reorder"),
    Action("close_graph", "Close tab", GRAPH, "Ctrl+W", when=("drawing", "definition")),
    Action("command_palette", "Search everything…", VIEW, "Ctrl+K", "magnify", words="commands palette"),
    Action("open_menu", "Open the menu", VIEW, "Alt+M"),
    Action("look_at", "Look at…", VIEW, "L", "magnify", when=("drawing",), opens=True,
           words="lens lenses see inspect node wire picture feature maps"),
    Action("zoom_in", "Zoom in", VIEW, "Ctrl++", when=("drawing",), opens=True, also="Ctrl+="),
    Action("zoom_out", "Zoom out", VIEW, "Ctrl+-", when=("drawing",)),
    Action("zoom_full", "Zoom to 100 %", VIEW, "Ctrl+0", when=("drawing",), words="actual size reset"),
    Action("fit", "Fit drawing", VIEW, "F", when=("drawing",), words="zoom all"),
    Action("leave_graph", "Leave this graph", VIEW, "Alt+Up", when=("drawing", "inside"), words="up main"),
    Action("minimap", "Show minimap", VIEW, "Ctrl+M", when=("drawing",), state="minimap_shown",
           words="overview"),
    _flow("deviation", "Deviation of the values", "Alt+1"),
    _flow("gradient", "Gradient norm", "Alt+2"),
    _flow("zeros", "Share of zeros", "Alt+3"),
    _flow("compute", "Share of the computation", "Alt+4"),
    _flow("memory", "Share of the memory", "Alt+5"),
    Action("reset_panels", "Reset panels", VIEW, "Ctrl+Shift+0", when=("drawing",), words="layout default"),
    _theme("system", "Ctrl+Alt+S"),
    _theme("light", "Ctrl+Alt+L"),
    _theme("dark", "Ctrl+Alt+D"),
    Action("full_screen", "Full screen", VIEW, "F11", state="full_screen"),
    Action("play", "Play", RUN, "Ctrl+Return", "play", when=("drawing", "can_play"),
           words="train run start"),
    Action("pause", "Pause", RUN, "Ctrl+.", "pause", when=("drawing", "running")),
    Action("stop", "Stop", RUN, "Ctrl+Shift+.", "stop", when=("drawing", "active"), words="end"),
    Action("step", "Step", RUN, "F10", "debug-step-over", when=("drawing", "can_step"), words="batch"),
    Action("slow_motion", "Show one step in slow motion", RUN, "Shift+F10", "replay",
           when=("drawing", "can_play"), words="forward backward gradient explain stages animate"),
    Action("draw_samples", "Draw samples now", RUN, "F9", "creation-outline",
           when=("drawing", "samplers"), words="generate sample text walk on demand evaluate"),
    Action("predict", "Predict…", RUN, "F7", when=("drawing",), words="inference apply new data classify"),
    Action("problems", "Show problems", RUN, "F8", "alert-circle-outline", when=("drawing",), opens=True,
           words="errors warnings fix"),
    Action("next_problem", "Go to next problem", RUN, "Shift+F8", when=("drawing", "problems")),
    *_RUNS,
    Action("shortcuts", "Keyboard shortcuts", HELP, "F1", "keyboard-outline", words="keys help"),
    Action("plug_ins", "Plug-ins", HELP, "Ctrl+Shift+F1", words="extensions packages entry points broken"),
    Action("about", "About Layerloom", HELP, "Ctrl+F1", "information-outline", words="version licence"),
)  # fmt: skip

PANELS_BEFORE = {VIEW: "reset_panels", RUN: "run_open"}
"""Before which action the entries of panels are in a menu; in another menu they are at its end."""
PANELS_OPEN = (RUN,)
"""Menus in which the entries of panels start a section."""


def by_id(action_id: str) -> Action:
    """The action of this id, not one of a panel; a wrong one is a mistake of the caller."""
    return next(action for action in ACTIONS if action.id == action_id)
