"""The cases, a module per room."""
