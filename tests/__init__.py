"""Tests mirror the rooms of the product; benchmarks, proofs and looks are started by name."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder of the repository."""
