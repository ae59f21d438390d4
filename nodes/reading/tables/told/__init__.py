"""What of the cells of a table may be meant otherwise than it is read, and is told."""
