"""Several labels of one sample: in one cell with a sign between them, or in a column for each."""
