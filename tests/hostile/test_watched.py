"""The watch sees what it is for."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from pathlib import Path

from tests.hostile.watched import watched


def test_processes_sockets_pickles_and_files_elsewhere_are_seen_and_files_inside_are_not(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    with watched(inside) as seen:
        (inside / "file").write_text("words")
        (inside / "file").rename(inside / "other")
        Path("/dev/null").write_text("")
    assert seen == []
    with watched(inside) as seen:
        subprocess.run([sys.executable, "-c", ""], check=True)
        outside.write_text("words")
        pickle.loads(pickle.dumps(Path))  # noqa: S301 - the event is what is tested
        with socket.socket() as one:
            one.connect_ex(("127.0.0.1", 1))
    told = "\n".join(seen)
    assert all(
        event in told for event in ("subprocess.Popen", "outside", "pickle.find_class", "socket.connect")
    )
