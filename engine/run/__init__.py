"""A run that goes: in a thread, a process of its own or several; what it writes is read in `engine.runs`."""
