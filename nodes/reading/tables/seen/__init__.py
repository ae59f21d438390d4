"""How the cells of columns are shown to those who learn what the columns are."""
