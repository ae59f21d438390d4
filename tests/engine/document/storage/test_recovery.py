"""What a killed process left is offered to the next, and a file is open in one instance at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.document.project import Project
from engine.document.storage.file import ProjectFileError
from engine.document.storage.recovery import OpenFiles, RecoveryStore, _guarded, state_folder
from engine.system.process_identity import Process, this_process
from tests import ROOT
from tests.engine.document.drawing import names_in, sample


def elsewhere(code: str, *, wait: bool = True) -> subprocess.Popen:
    """Another process that runs this code, and then is killed or waits to be."""
    lines = "from engine.document.storage.recovery import *; from engine.document.project import *"
    ending = "print('ready', flush=True); " + ("" if wait else "import time; time.sleep(60)")
    process = subprocess.Popen(
        [sys.executable, "-c", f"{lines}\n{code}\n{ending}"], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    process.ready = process.stdout.readline()  # type: ignore[attr-defined]
    return process


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate()


def test_a_project_of_a_dead_process_is_pending(tmp_path: Path) -> None:
    store = RecoveryStore(tmp_path)
    process = elsewhere(
        f"RecoveryStore({str(tmp_path)!r}).write('s1', Project(name='Lost'), '/data/lost.loom')", wait=False
    )
    try:
        assert store.pending() == []
    finally:
        process.kill()
        # Killed but not yet collected by its parent: dead all the same.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        (found,) = store.pending()
        end(process)
    assert (found.session_id, found.project.name, found.original_path) == (
        "s1",
        "Lost",
        Path("/data/lost.loom"),
    )
    store.discard("s1")
    assert store.pending() == []
    store.discard("s1")


def test_ones_own_recovery_file_is_not_pending(tmp_path: Path) -> None:
    store = RecoveryStore(tmp_path)
    store.write("s1", sample())
    store.write("s1", Project())
    assert store.pending() == []
    assert names_in(tmp_path) == ["s1.recovery"]
    assert (tmp_path / "s1.recovery").stat().st_mode & 0o077 == 0


def test_what_is_adopted_is_offered_once(tmp_path: Path) -> None:
    end(elsewhere(f"RecoveryStore({str(tmp_path)!r}).write('s1', Project(name='Lost'))"))
    store = RecoveryStore(tmp_path)
    assert store.adopt("s1")
    assert store.pending() == []
    assert store.adopt("s1")
    assert not store.adopt("s2")


def test_a_recovery_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(elsewhere(f"RecoveryStore({str(tmp_path)!r}).write('s1', Project(name='Lost'))"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.document.storage.recovery.write_atomically", full)
    store = RecoveryStore(tmp_path)
    with pytest.raises(ProjectFileError, match="no space left on device"):
        store.adopt("s1")
    assert len(store.pending()) == 1


def test_the_newest_comes_first(tmp_path: Path) -> None:
    code = f"store = RecoveryStore({str(tmp_path)!r})\nfor n in '012': store.write(n, Project(name='P' + n))"
    end(elsewhere(code))
    assert [found.project.name for found in RecoveryStore(tmp_path).pending()] == ["P2", "P1", "P0"]


@pytest.mark.parametrize("data", [b"", b"{}\n{}", b"\xff\n", b"[1]\n", b'{"a":' + b"[" * 200_000 + b"\n{}"])
def test_a_damaged_recovery_file_is_reported_and_kept(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s1.recovery").write_bytes(data)
    store = RecoveryStore(tmp_path)
    assert store.pending() == []
    (damaged,) = store.damaged()
    assert damaged.reason
    assert (tmp_path / "s1.recovery").read_bytes() == data


def test_a_recovery_file_that_is_too_large_is_reported_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.document.storage.recovery.LARGEST_FILE", 100)
    monkeypatch.setattr("engine.document.storage.recovery._LARGEST_HEADER", 100)
    (tmp_path / "s1.recovery").write_bytes(b" " * 201)
    (damaged,) = RecoveryStore(tmp_path).damaged()
    assert "Expected at most 100 bytes" in damaged.reason
    assert names_in(tmp_path) == ["s1.recovery"]


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    store = RecoveryStore(tmp_path / "in")
    store.write("../out", Project())
    assert names_in(tmp_path) == ["in"]
    store.discard("../out")
    assert names_in(tmp_path / "in") == []


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProjectFileError, match="Cannot write the recovery file"):
        RecoveryStore(tmp_path / "file").write("s1", Project())


def test_what_was_half_written_is_cleared_away(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".s1.recovery.7-0.part", tmp_path / ".s2.recovery.7-0.part"
    for leftover in (old, fresh):
        leftover.write_bytes(b"{")
    os.utime(old, (0, 0))
    assert RecoveryStore(tmp_path).pending() == []
    assert names_in(tmp_path) == [fresh.name]


def test_without_a_place_for_locks_every_file_is_free(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    files = OpenFiles(tmp_path / "file" / "open")
    assert files.claim("/data/a.loom") is None
    assert files.owner("/data/a.loom") is None
    files.release("/data/a.loom")


def test_where_a_lock_cannot_be_written_the_file_is_free_and_the_reason_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    files = OpenFiles(tmp_path / "open")
    with monkeypatch.context() as patch:
        patch.setattr("engine.document.storage.recovery.write_atomically", full)
        assert files.claim("/data/a.loom") is None
    assert "no space left on device" in str(files.unwritable)
    assert files.claim("/data/a.loom") is None
    assert files.unwritable is None
    assert files.claim("/data/b.loom") is None
    (tmp_path / "open" / ".guard").unlink()
    (tmp_path / "open" / ".guard").mkdir()
    files.release("/data/a.loom")
    assert files.claim("/data/c.loom") is None
    assert files.unwritable is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_pipes_in_the_state_folder_are_not_waited_for(tmp_path: Path) -> None:
    store, files = RecoveryStore(tmp_path / "recovery"), OpenFiles(tmp_path / "open")
    for folder in (store.folder, files.folder):
        folder.mkdir()
    os.mkfifo(store.folder / "a.recovery")
    os.mkfifo(files._lock("/data/a.loom"))
    os.mkfifo(files.folder / ".guard")
    assert store.pending() == []
    assert [one.reason for one in store.damaged()] == ["it is a pipe"]
    assert files.claim("/data/a.loom") is None
    assert ".guard is no plain file" in str(files.unwritable)
    assert files.owner("/data/a.loom") is None
    (files.folder / ".guard").unlink()
    assert files.claim("/data/a.loom") is None
    assert files.unwritable is None


def test_a_process_that_does_not_let_go_of_the_locks_is_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.document.storage.recovery._PATIENCE", 0.05)
    files, other = OpenFiles(tmp_path), OpenFiles(tmp_path)
    with _guarded(tmp_path):
        assert files.claim("/data/a.loom") is None
    assert "another process holds it" in str(files.unwritable)
    assert other.claim("/data/a.loom") is None


def test_nothing_is_there_at_first() -> None:
    assert RecoveryStore().pending() == []
    assert OpenFiles().owner("/data/a.loom") is None
    assert not state_folder().exists()


def test_a_file_is_open_once(tmp_path: Path) -> None:
    path = tmp_path / "a.loom"
    files = OpenFiles(tmp_path / "open")
    other = elsewhere(
        f"assert OpenFiles({str(tmp_path / 'open')!r}).claim({str(path)!r}) is None", wait=False
    )
    try:
        owner = files.claim(path)
        assert owner is not None
        assert owner.pid == other.pid
        assert files.owner(path) == owner
        files.release(path)
        assert files.owner(path) == owner
        assert files.claim(tmp_path / "b.loom") is None
    finally:
        end(other)
    assert files.owner(path) is None
    assert files.claim(path) is None
    assert files.claim(path) is None
    assert files.owner(path) is None


def test_a_file_that_is_closed_here_is_free_for_another_process(tmp_path: Path) -> None:
    path, files = tmp_path / "a.loom", OpenFiles(tmp_path / "open")
    claim = f"print(OpenFiles({str(tmp_path / 'open')!r}).claim({str(path)!r}) is None)"
    assert files.claim(path) is None
    refused = elsewhere(claim)
    end(refused)
    assert refused.ready == "False\n"  # type: ignore[attr-defined]
    files.release(path)
    taken = elsewhere(claim, wait=False)
    assert taken.ready == "True\n"  # type: ignore[attr-defined]
    end(taken)


def test_a_recovery_file_that_goes_while_they_are_listed_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "gone.recovery").symlink_to(tmp_path / "nowhere")
    store = RecoveryStore(tmp_path)
    assert store.pending() == []
    assert store.damaged() == []


def test_links_and_dots_name_the_same_file(tmp_path: Path) -> None:
    files = OpenFiles(tmp_path / "open")
    (tmp_path / "link.loom").symlink_to(tmp_path / "a.loom")
    lock = files._lock(tmp_path / "a.loom")
    assert files._lock(tmp_path / "link.loom") == lock == files._lock(tmp_path / "x" / ".." / "a.loom")


def test_a_number_given_out_again_is_another_process() -> None:
    me = this_process()
    assert me.is_alive
    assert not Process(me.pid, "another start", me.machine).is_alive
    assert not Process(2**22 + 1, "", me.machine).is_alive
    assert not Process(-1).is_alive
    assert Process(me.pid, "another start", "another machine").is_alive


ODD_LOCKS = (
    b'{"owner": {"pid": 1, "started": "\\ud800"}}',  # half of a character
    b'{"owner": {"pid": 99999999999999}}',
    b'{"owner": {"pid": -7}}',
    b'{"more": ' + b"[" * 60_000,
)


def test_a_damaged_lock_locks_nothing(tmp_path: Path) -> None:
    files = OpenFiles(tmp_path)
    for data in (b"", b"{}", b'{"owner": 3}', b"\xff", b'{"owner": {"pid": "x"}}', *ODD_LOCKS):
        files._lock("/a.loom").write_bytes(data)
        assert files.claim("/a.loom") is None
