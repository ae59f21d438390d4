"""Files of weights that others trained."""
