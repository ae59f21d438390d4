"""The watch sees what it is for."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from pathlib import Path

from nodes.reading.tables.formats import read_apart
from tests.hostile import watched as watching
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


def test_the_reader_of_old_workbooks_is_no_other_process(tmp_path):
    assert watching.APART == read_apart.APART
    with watched(tmp_path) as seen:
        subprocess.run([sys.executable, *read_apart.APART, "there is none"], check=False, capture_output=True)
        subprocess.run([sys.executable, "-P", "-m", "site"], check=True, capture_output=True)
    assert len(seen) == 1
    assert "site" in seen[0]
