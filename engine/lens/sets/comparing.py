"""Losses whose first input is a prediction and whose second is its target. Imports no torch."""

from __future__ import annotations

from nodes.training.loss import BinaryCrossEntropy, CrossEntropy, Dice, Distance, PerceptronCriterion

COMPARING = (CrossEntropy, BinaryCrossEntropy, Dice, Distance, PerceptronCriterion)
