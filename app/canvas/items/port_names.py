"""Names of rows on the card of a border that are no port."""

ADD_PORT = "+"
"""The row that adds a port: a press or a wire that ends there makes one."""
