"""Downloads: checked, continued where they broke, unpacked without leaving their folder."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import resources
from engine.data import catalogue
from engine.messages.events import Event, Progress
from engine.run.run import Run
from nodes.data_sets import picture_sets
from nodes.reading import budget, download
from nodes.reading.download import CancelledError, File
from nodes.reading.error import DataError
from tests.drawings import chain, with_settings
from tests.engine.data.sources import rows, source


class Server(ThreadingHTTPServer):
    files: dict[str, bytes]
    asked: list[str]
    break_after: int | None = None


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        content = self.server.files[self.path]
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        start = int(found[1]) if found else 0
        self.send_response(206 if found else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop = self.server.break_after
        self.wfile.write(content[start:stop])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.files, made.asked = {}, []
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def serve(server: Server, name: str, content: bytes) -> File:
    server.files[f"/{name}"] = content
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return File(f"http://127.0.0.1:{server.server_port}/{name}", len(content), digest)


def test_a_file_comes_whole_and_only_once(server: Server, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    file, seen = serve(server, "a.bin", content), []
    for _ in range(2):
        download.fetch("x", lambda *p: seen.append(p), files=(file,), into=tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == content
    assert server.asked == [""]
    assert seen[-1] == (len(content), len(content))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_broken_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    file = serve(server, "a.bin", content)
    server.break_after = 100_000
    with pytest.raises(DataError, match=r"Expected 512,000 bytes. Received"):
        download.fetch("x", files=(file,), into=tmp_path)
    assert not (tmp_path / "a.bin").exists()
    server.break_after = None
    download.fetch("x", files=(file,), into=tmp_path)
    assert server.asked == ["", "bytes=100000-"]
    assert (tmp_path / "a.bin").read_bytes() == content


def test_a_stopped_download_keeps_what_came(server: Server, tmp_path: Path) -> None:
    file = serve(server, "a.bin", bytes(1_000_000))
    with pytest.raises(CancelledError):
        download.fetch("x", is_cancelled=lambda: True, files=(file,), into=tmp_path)
    assert 0 < (tmp_path / "a.bin.part").stat().st_size < 1_000_000


def test_wrong_content_is_not_kept(server: Server, tmp_path: Path) -> None:
    file = serve(server, "a.bin", b"good")
    server.files["/a.bin"] = b"evil"
    with pytest.raises(DataError, match=r"Expected the checksum .* Received"):
        download.fetch("x", files=(file,), into=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_file_of_the_same_size_is_replaced(server: Server, tmp_path: Path) -> None:
    file = serve(server, "a.bin", b"good")
    (tmp_path / "a.bin").write_bytes(b"evil")
    download.fetch("x", files=(file,), into=tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == b"good"


def test_only_the_web_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected an http or https address"):
        download.fetch("x", files=(File("file:///etc/hostname", 10, ""),), into=tmp_path)


def packed(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in names.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def test_an_archive_cannot_write_outside(server: Server, tmp_path: Path) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "linked")
    for name in ("../outside.txt", "a/../../outside.txt", str(tmp_path / "outside.txt"), "link/outside.txt"):
        file = serve(server, "a.tar.gz", packed({"a.txt": b"x", name: b"x"}))
        with pytest.raises(DataError, match=r"Expected a tar archive of data files.*outside its folder"):
            download.fetch("x", files=(file,), into=tmp_path / "inside")
    assert not [*tmp_path.rglob("outside.txt")]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_an_archive_has_files_and_folders_alone(server: Server, tmp_path: Path, kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("data.bin")
        member.type, member.linkname = kind, "a.bin"
        archive.addfile(member)
    with pytest.raises(DataError, match=r"Received: 'data.bin', which is neither a file nor a folder"):
        download.fetch("x", files=(serve(server, "a.tar.gz", out.getvalue()),), into=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar.gz"]


def test_unpacking_needs_no_filter_of_tarfile(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.11.0 to 3.11.3 have none."""
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    monkeypatch.delattr(tarfile.TarFile, "extractall")
    file = serve(server, "a.tar.gz", packed({"x/a.bin": b"new", "b.bin": b"2"}))
    (tmp_path / "kept.txt").write_bytes(b"kept")
    (tmp_path / "b.bin").symlink_to("kept.txt")  # is replaced, not written through
    download.fetch("x", files=(file,), into=tmp_path)
    assert (tmp_path / "x" / "a.bin").read_bytes() == b"new"
    assert (tmp_path / "b.bin").read_bytes() == b"2"
    assert (tmp_path / "kept.txt").read_bytes() == b"kept"


def test_an_archive_that_is_damaged_or_unpacks_to_far_more_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = bytearray(packed({"a.bin": bytes(range(256)) * 20}))
    damaged[-6] ^= 1
    damaged[30:40] = bytes(10)
    with pytest.raises(DataError, match="Expected a tar archive of data files"):
        download.fetch("x", files=(serve(server, "a.tar.gz", bytes(damaged)),), into=tmp_path)
    monkeypatch.setattr(budget, "ALWAYS", 1000)
    bomb = packed({"a.bin": bytes(1 << 20)})
    with pytest.raises(DataError, match=r"Expected at most .* bytes from .* packed ones. Received 1,048,576"):
        download.fetch("x", files=(serve(server, "b.tar.gz", bomb),), into=tmp_path)
    assert not (tmp_path / "a.bin").exists()


def photographs() -> np.ndarray:
    """Six files of four records each, as CIFAR-10 has them."""
    return np.random.default_rng(0).integers(0, 10, (6, 4, 3073)).astype(np.uint8)


def serve_cifar(server: Server, records: np.ndarray) -> File:
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    archive = {f"cifar-10-batches-bin/{n}": r.tobytes() for n, r in zip(names, records, strict=True)}
    return serve(server, "cifar-10-binary.tar.gz", packed(archive))


def test_cifar_10_from_its_archive(server: Server) -> None:
    records = photographs()
    file = serve_cifar(server, records)
    download.fetch("cifar-10", files=(file,))  # into the user's cache, where the data set is looked for
    data = catalogue.load(source("cifar-10", scaling="none"))
    assert (len(data.train), len(data.validation)) == (20, 4)
    assert rows(data.train.target)[:4].tolist() == records[0, :, 0].tolist()
    assert (rows(data.validation.input)[1].ravel() == records[5, 1, 1:]).all()


def test_a_cached_file_that_changed_is_told_and_comes_anew(server: Server) -> None:
    file = serve_cifar(server, photographs())
    batch = download.fetch("cifar-10", files=(file,)) / "cifar-10-batches-bin" / "data_batch_2.bin"
    whole = rows(catalogue.load(source("cifar-10")).train.input)
    damaged = bytearray(batch.read_bytes())
    damaged[100] ^= 255  # a pixel: of no kind that the format could tell
    batch.write_bytes(bytes(damaged))
    with pytest.raises(DataError, match=r"data_batch_2.bin: .* changed since it was downloaded; download it"):
        catalogue.load(source("cifar-10"))
    asked = len(server.asked)
    download.fetch("cifar-10", files=(file,))
    assert len(server.asked) == asked  # the archive is whole and is unpacked again
    assert (rows(catalogue.load(source("cifar-10")).train.input) == whole).all()


def test_the_cache_may_be_deleted_while_a_run_goes_on_and_between_runs(server: Server) -> None:
    file = serve_cifar(server, photographs())
    cache = download.fetch("cifar-10", files=(file,))
    steps = [("flatten", "flatten"), ("linear1", "linear", {"out_features": 10})]
    project = with_settings(chain({"dataset": "cifar-10"}, steps), batch_size=4)
    deleted: list[int] = []

    def delete(event: Event) -> None:
        if isinstance(event, Progress) and not deleted:
            shutil.rmtree(cache)
            deleted.append(event.step)

    assert Run(project, epochs=3).execute(delete).status == "completed"
    assert deleted
    finished = Run(project, epochs=1).execute(lambda _event: None)
    assert finished.status == "failed"
    assert "download it or choose its folder" in finished.message
    download.fetch("cifar-10", files=(file,))
    assert Run(project, epochs=1).execute(lambda _event: None).status == "completed"


def test_the_whole_of_fashion_mnist_is_found_once_it_was_downloaded(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_sets, "SYSTEM_FASHION", tmp_path / "none")
    with pytest.raises(DataError, match="download it or choose its folder"):
        catalogue.describe(source("fashion-mnist-full"))
    box = resources.DATA / "fashion-mnist"
    files = tuple(serve(server, path.name, path.read_bytes()) for path in sorted(box.glob("*.gz")))
    cache = download.fetch("fashion-mnist-full", files=files)
    assert catalogue.describe(source("fashion-mnist-full")).samples == 12_000
    shutil.rmtree(cache)
    with pytest.raises(DataError, match="download it or choose its folder"):
        catalogue.describe(source("fashion-mnist-full"))


def test_a_label_that_no_photograph_has_is_refused(tmp_path: Path) -> None:
    for i in range(1, 6):
        (tmp_path / f"data_batch_{i}.bin").write_bytes(bytes(3073))
    (tmp_path / "test_batch.bin").write_bytes(bytes(3073) + b"\x0a" + bytes(3072))
    with pytest.raises(
        DataError, match=r"test_batch.bin: Expected labels from 0 to 9. Received 10 for picture 2"
    ):
        catalogue.load(source("cifar-10", path=str(tmp_path)))


def test_declared_downloads_are_whole() -> None:
    declared = download.declared()
    assert set(declared) == {"fashion-mnist-full", "cifar-10"}
    for files in declared.values():
        for file in files:
            assert re.fullmatch(r"[0-9a-f]{32}", file.md5)
            assert file.url.startswith("http")
            assert file.bytes > 0
