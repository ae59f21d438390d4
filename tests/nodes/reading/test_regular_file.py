"""Only regular files are opened, without waiting."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from nodes.regular_file import NotRegularFileError, is_regular, open_regular

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices have no path there")


def test_a_regular_file_a_link_to_one_and_an_empty_one_are_opened(tmp_path):
    plain, link, empty = tmp_path / "plain", tmp_path / "link", tmp_path / "empty"
    plain.write_bytes(b"words")
    empty.write_bytes(b"")
    link.symlink_to(plain)
    for path, content in ((plain, b"words"), (link, b"words"), (empty, b"")):
        with open_regular(path) as file:
            assert file.read() == content
        assert is_regular(path)


def test_pipes_devices_sockets_and_folders_are_named_and_not_waited_for(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        monkeypatch.chdir(tmp_path)  # the path of a socket is short
        bound.bind("socket")
        cases = {"pipe": "pipe", "link": "pipe", "/dev/zero": "device", "socket": "socket", ".": "folder"}
        for name, kind in cases.items():
            with pytest.raises(NotRegularFileError, match=f"it is a {kind}"):
                open_regular(tmp_path / name)
            assert not is_regular(tmp_path / name)


def test_a_link_is_refused_where_links_are_not_followed(tmp_path):
    (tmp_path / "plain").write_bytes(b"words")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    with pytest.raises(NotRegularFileError, match="it is a link"):
        open_regular(tmp_path / "link", follow_links=False)


@pytest.mark.skipif(not Path("/proc/self/pagemap").exists(), reason="no such file of the system")
def test_a_file_of_the_system_without_a_size_is_refused():
    for name in ("/proc/self/pagemap", "/proc/self/maps"):
        with pytest.raises(NotRegularFileError, match="file of the system"):
            open_regular(name)


def test_what_is_not_there_is_told_as_open_tells_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "nothing")
    assert not is_regular("a\0b")
