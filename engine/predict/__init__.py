"""Predictions of a trained network on data that it has not seen, in the units and labels of its data."""
