"""Cases, a module for each room: its `CASES`."""
