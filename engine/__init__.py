"""The engine: what a project is, means and learns. Imports no Qt."""

import nodes  # noqa: F401 - sets the switches of torch, which has to come before torch
