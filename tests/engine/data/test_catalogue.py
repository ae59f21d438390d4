"""The embedded sets: what is said of them is what is there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

import resources
from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.data_sets.clouds import Cloud
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.data_sets.made.functions import SampledFunction
from nodes.data_sets.made.retina import Retina
from nodes.data_sets.made.scenes import DrawnScenes
from nodes.data_sets.made.truth_tables import TruthTable
from nodes.data_sets.made.typed_table import TypedTable
from nodes.data_sets.points import PlanePoints
from nodes.data_sets.registry import data_sets
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source

OWN = tuple(name for name, one in data_sets().items() if one.licence == "yours" and "path" in one.params)
OF_NO_FILE = PlanePoints | Cloud | TruthTable | SampledFunction | Retina | TypedTable | DrawnScenes
MADE = tuple(name for name, one in data_sets().items() if issubclass(one, OF_NO_FILE))
POINTS = [name for name, one in data_sets().items() if issubclass(one, PlanePoints)]
EMBEDDED = [
    name
    for name in data_sets()
    if name in POINTS or name not in (*OWN, *MADE, "fashion-mnist-full", "cifar-10", "cifar-100")
]

WITHOUT_TARGET = ("definitions",)


@pytest.mark.parametrize("name", EMBEDDED)
def test_rows_are_as_described(name: str) -> None:
    made = source(name)
    info, data = catalogue.describe(made), catalogue.load(made)
    for part in (data.train, data.validation):
        assert part.input.shape[1:] == info.input.features
        if name in WITHOUT_TARGET:
            assert part.target is info.target is None
            continue
        assert part.target is not None
        assert info.target is not None
        assert part.target.shape[1:] == info.target.features
        assert len(part.target) == len(part.input)
        targets = rows(part.target)
        if info.target.classes:
            assert 0 <= targets.min() <= targets.max() < info.target.classes
            known = data.info.target_vocabulary or info.classes
            assert known is not None
            assert targets.max() < len(known) <= info.target.classes
            assert len(known) == info.target.classes or info.kind == "texts"
        else:
            assert np.isfinite(targets).all()
    assert len(data.train) > len(data.validation) > 0
    if info.kind != "text":
        assert len(data.train) + len(data.validation) == info.samples


def test_every_set_can_be_chosen_and_read() -> None:
    assert catalogue.names() == DataSource.params["dataset"].choices == tuple(data_sets())
    assert all(issubclass(one, DataSetDeclaration) for one in data_sets().values())
    assert not data_sets().broken


@pytest.mark.parametrize("name", data_sets())
def test_the_form_shows_the_parameters_of_the_chosen_set_in_its_order(name: str) -> None:
    shown = [
        key
        for key, param in DataSource.params.items()
        if param.visible_if is None or name in param.visible_if[1]
    ]
    assert shown == ["dataset", *data_sets()[name].params, "paired_with", "sampling", "fingerprint"]


def test_every_embedded_set_has_its_licence() -> None:
    folders = [path for path in resources.DATA.iterdir() if path.is_dir()]
    generated = {name for name, one in data_sets().items() if one.licence == "generated"}
    described = {"fashion-captions"}  # the pictures of Fashion-MNIST, with words for them
    assert {path.name for path in folders} == set(EMBEDDED) - set(MADE) - generated - described
    for folder in folders:
        assert len((folder / "LICENSE.txt").read_text("utf-8")) > 200
    assert sum(path.stat().st_size for path in resources.DATA.rglob("*")) < 12e6


def test_fashion_mnist_is_balanced_and_split_the_same_for_every_seed() -> None:
    data = catalogue.load(source("fashion-mnist"), seed=0)
    assert (len(data.train), len(data.validation)) == (10_000, 2_000)
    assert (np.bincount(rows(data.train.target)) == 1000).all()
    assert (np.bincount(rows(data.validation.target)) == 200).all()
    assert data.info.input == TensorSpec((N, 1, 28, 28))
    again = catalogue.load(source("fashion-mnist"), seed=1)
    assert (rows(again.train.input) == rows(data.train.input)).all()


def test_the_split_is_the_seeds() -> None:
    first, same, other = (catalogue.load(source("wine"), seed=seed) for seed in (0, 0, 1))
    assert (rows(first.train.input) == rows(same.train.input)).all()
    assert (rows(first.train.input) != rows(other.train.input)).any()
    both = np.concatenate([rows(first.train.input), rows(first.validation.input)])
    assert len(np.unique(both, axis=0)) == 178  # no row in both parts, none missing


def test_scaling_standardises() -> None:
    data = catalogue.load(source("fashion-mnist"))
    scaling = data.train.input_scaling
    assert scaling is not None
    scaled = (rows(data.train.input) / scaling.divisor - scaling.mean[0]) / scaling.deviation[0]
    assert abs(scaled.mean()) < 1e-6
    assert abs(scaled.std() - 1) < 1e-6
    assert catalogue.load(source("digits", scaling="0-1")).train.input_scaling.divisor == 255
    plain = catalogue.load(source("digits", scaling="none")).train.input_scaling
    assert (plain.divisor, plain.mean, plain.deviation) == (1, (0,), (1,))


def test_pictures_are_resized_as_asked() -> None:
    padded = catalogue.load(source("fashion-mnist", size=32, fit="pad", samples=120))
    assert padded.info.input == TensorSpec((N, 1, 32, 32))
    original = catalogue.load(source("fashion-mnist"))
    framed = rows(padded.train.input)
    assert framed.shape == (100, 1, 32, 32)
    assert (framed[:, :, 2:30, 2:30] == rows(original.train.input)[:100]).all()
    assert not framed[:, :, :2].any()
    coloured = catalogue.load(source("digits", colour="rgb", size=[16, 8], fit="stretch"))
    assert coloured.info.input.features == (3, 16, 8)
    assert coloured.train.input.shape[1:] == (3, 16, 8)


def test_a_second_load_is_the_same_object_and_old_ones_are_let_go() -> None:
    first = catalogue.load(source("wine"), seed=11)
    assert catalogue.load(source("wine"), seed=11) is first
    for seed in range(catalogue.KEPT_SETS):
        catalogue.load(source("wine"), seed=20 + seed)
    assert catalogue.load(source("wine"), seed=11) is not first


def test_one_caller_reads_while_others_wait(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc" * 100)
    found: list[object] = []
    made = source("text-file", path=str(tmp_path / "a.txt"), context=8)
    threads = [threading.Thread(target=lambda: found.append(catalogue.load(made))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(data) for data in found}) == 1


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    made = source("text-file", path=str(path), context=8)
    path.write_text("ab" * 100)
    assert catalogue.describe(made).classes == ("a", "b")
    path.write_text("abc" * 100)
    assert catalogue.describe(made).classes == ("a", "b", "c")


@pytest.mark.parametrize("name", OWN)
def test_own_data_without_a_path_says_what_to_choose(name: str) -> None:
    with pytest.raises(DataError, match=r"path: Expected .* Received nothing; choose"):
        catalogue.describe(source(name))


@pytest.mark.parametrize("name", OWN)
def test_a_path_that_leads_nowhere_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not-there"):
        catalogue.describe(source(name, path=str(tmp_path / "not-there")))


@pytest.mark.parametrize("name", EMBEDDED)
def test_previews_show_something(name: str) -> None:
    preview = catalogue.preview(source(name), 9)
    shown = (preview.images, preview.points, preview.values, preview.rows or None, preview.text or None)
    assert any(part is not None for part in shown)
    if preview.images is not None:
        channels, height, width = preview.info.input.features
        target = preview.info.target
        has_mask = target is not None and target.features == (height, width)
        assert preview.images.shape == (9, channels, height, width * (2 if has_mask else 1))
        assert len(set(preview.labels)) == (0 if has_mask else 9)  # one of each class, as far as they go
    if preview.info.kind == "table":
        assert all(len(row) == len(preview.columns) for row in preview.rows)


@pytest.mark.parametrize("dataset", OWN)
def test_pipes_devices_and_impossible_paths_are_refused_at_once(tmp_path: Path, dataset: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (str(pipe), "/dev/zero", "a\0b"):
        for ask in (catalogue.describe, catalogue.load):
            with pytest.raises(DataError, match="Expected"):
                ask(DataSource(dataset=dataset, path=path))
