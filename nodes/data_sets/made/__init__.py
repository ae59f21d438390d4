"""Sets that are made and not read: functions, squares on a retina, truth tables, what is typed in."""
