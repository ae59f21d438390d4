"""Rules for names of nodes, ports, graphs and parameters.

A node id is a segment of a state-dict path and an attribute in generated code, so it is an identifier and not
reserved by Python or `torch.nn.Module`.
"""

from __future__ import annotations

import keyword
import re

LONGEST = 64
"""Characters in an identifier."""
LONGEST_TITLE = 200
"""Characters in the name of a project or the title of a frame."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

RESERVED = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)
"""Attributes of `torch.nn.Module`: a submodule of that name would hide them."""


def is_identifier(name: object) -> bool:
    """Whether this is a valid name of a port, a graph or a parameter."""
    return isinstance(name, str) and len(name) <= LONGEST and _IDENTIFIER.fullmatch(name) is not None


def is_free(name: str) -> bool:
    """Whether the name is not reserved by Python or torch."""
    return not keyword.iskeyword(name) and name not in RESERVED and not name.startswith("__")


def is_node_id(name: object) -> bool:
    """Whether this is a valid id of a node or name of a definition."""
    return isinstance(name, str) and is_identifier(name) and is_free(name)


NODE_ID = (
    f"a name of letters, digits and _ that starts with a letter, at most {LONGEST} long, "
    "and not reserved by Python or torch"
)
IDENTIFIER = f"a name of letters, digits and _ that starts with a letter, at most {LONGEST} long"


def is_title(text: object) -> bool:
    """Whether this is a valid name of a project: one non-empty line that UTF-8 can encode."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= LONGEST_TITLE
        and text == text.strip()
        and text.isprintable()
    )


TITLE = f"one line of 1 to {LONGEST_TITLE} characters"


def stem(layer_type: str) -> str:
    """The start of ids of such a layer: "conv2d" gives "conv", "some-plug.in" gives "some_plug_in"."""
    short = re.sub(r"\d+d$", "", layer_type)
    clean = re.sub(r"[^A-Za-z0-9_]+", "_", short).strip("_")[: LONGEST - 8]
    if not clean or not clean[0].isalpha():
        return "node"
    return f"{clean}_" if clean[-1].isdigit() else clean
