"""The suite passes with another release of torch: the newest of the package index, or the one asked for.

    python -m tests.proofs newest_torch [VERSION [PYTEST ARGUMENT ...]]

Makes an environment of its own in a temporary folder (about 6 GB with a CUDA build, which runs on the CPU
too), with every other package as pyproject.toml asks for it, and runs the suite there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    torch = f"torch=={arguments[0]}" if arguments else "torch"
    with tempfile.TemporaryDirectory(prefix="layerloom-torch-", ignore_cleanup_errors=True) as name:
        venv.create(name, with_pip=True)
        python = str(Path(name, "Scripts" if os.name == "nt" else "bin", "python"))
        subprocess.run([python, "-m", "pip", "install", "-q", torch, *_others()], check=True)
        told = "import torch; print('torch', torch.__version__)"
        subprocess.run([python, "-c", told], check=True)
        done = subprocess.run(
            [python, "-m", "pytest", "-p", "no:cacheprovider", *arguments[1:]],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
        )
    return done.returncode


def _others() -> list[str]:
    """What the product and its tests need beside torch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    return [one for one in needed if not one.startswith("torch==")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
