"""A report is one page that holds everything, loads nothing, and names no folder of the machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app import __main__ as cmd
from app.run_report.curve_pictures import curve_pictures
from app.run_report.page import LARGEST
from app.run_report.run_contents import without_paths
from engine.document import edits
from engine.document.project import MAIN, Note, Project
from engine.document.storage.file import save
from engine.run.run import Run
from engine.runs import places
from engine.runs.curves import Curves
from tests.drawings import convnet
from tests.engine.sample.drawings import points

EVIL = "<script>alert(1)</script>"


def trained(tmp_path: Path, project: Project, epochs: int = 2) -> Path:
    project = edits.set_settings(project, checkpoint_epochs=1)
    file = tmp_path / "p.loom"
    save(project, file)
    run = Run(project, folder=places.new_run(places.runs_of(file)), epochs=epochs)
    assert run.execute(lambda _: None).status == "completed"
    return file


def test_a_page_holds_the_drawing_curves_and_pictures_through_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = edits.add_note(convnet("digits"), MAIN, Note(EVIL, 0.0, -200.0))
    file = trained(tmp_path, msgspec.structs.replace(project, name=EVIL))
    assert cmd.main(["report", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    page = (tmp_path / "p.html").read_text("utf-8")
    assert told["bytes"] == len(page.encode()) < LARGEST
    assert str(tmp_path) not in page
    assert EVIL not in page, "words of a project are no markup"
    assert "&lt;script&gt;" in page
    loaded = re.findall(r'(?:src|href)="([^"]{0,40})', page)
    assert loaded
    assert all(each.startswith(("data:image/png", "#", "data:image/")) for each in loaded)
    assert "default-src 'none'" in page
    steps = set(re.findall(r'data-step="(\d+)"', page))
    assert len(steps) == 3, "before training, and after each epoch"
    assert page.count("<svg") >= 3
    assert "Conv2d" in page
    assert "accuracy" in page


def test_samples_are_shown_in_the_order_of_time(tmp_path: Path) -> None:
    file = trained(tmp_path, points(count=12))
    out = tmp_path / "here.html"
    assert cmd.main(["report", str(file), "--out", str(out), "--dark"]) == 0
    page = out.read_text("utf-8")
    shown = page[page.index("<h2>Samples</h2>") :]
    steps = [int(step) for step in re.findall(r'data-step="(\d+)"', shown.split("</section>")[0])]
    assert len(steps) == 3
    assert steps == sorted(steps)
    drawing = page[page.index("<h2>Drawing</h2>") :].split("</section>")[0]
    assert drawing.count("<image") >= 2, "the samples are in their node too"


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = trained(tmp_path, points(count=12), epochs=1)
    assert cmd.main(["report", str(file), "--out", str(tmp_path / "a.pdf")]) == 2
    assert "--out: Expected a name that ends in .html." in capsys.readouterr().err
    assert cmd.main(["report", str(file), "--out", str(tmp_path / "no" / "a.html")]) == 2
    assert "Expected a place to write to." in capsys.readouterr().err
    assert cmd.main(["report", str(tmp_path / "none.loom")]) == 2


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/home/anna/data/cats.csv: Expected rows.", "cats.csv: Expected rows."),
        (r"C:\Users\anna\cats.csv is gone", "cats.csv is gone"),
        ("3/4 of the samples", "3/4 of the samples"),
    ],
)
def test_folders_are_left_out_of_sentences(text: str, left: str) -> None:
    assert without_paths(text) == left


def test_a_curve_keeps_its_peaks_and_leaves_out_what_is_not_finite() -> None:
    steps, values = np.arange(10_000), np.ones(10_000)
    values[7_777], values[3] = 0.0, np.nan
    (chart,) = curve_pictures(Curves(losses={"objective": (steps, values)}))
    points_ = re.findall(r"([\d.]+),([\d.]+)", chart.svg.split("polyline")[1])
    assert 3 <= len(points_) <= 700
    assert max(float(y) for _, y in points_) > 200, "the one low value is there"
    assert chart.legend[0][2] == "1 at the end, best 0.995"
