"""Opens any file or folder for a trained network, by what its data are: pictures, arrays or tables."""

from __future__ import annotations

from pathlib import Path

from nodes.reading.error import DataError
from nodes.reading.picture.open_picture import PLAIN, PixelRules
from nodes.reading.unseen.array_rows import ENDINGS, UnseenArray
from nodes.reading.unseen.picture_rows import UnseenPictures, is_picture
from nodes.reading.unseen.rows import ExpectedData, UnseenRows
from nodes.reading.unseen.table_rows import TableRows, number_columns


def features_of(expected: ExpectedData) -> tuple[int, ...]:
    """The sizes of one sample. Raises `DataError` where they are not known."""
    sizes = tuple(size for size in expected.info.input.features if isinstance(size, int))
    if len(sizes) != len(expected.info.input.features):
        raise DataError(f"Expected samples of known sizes. Received {expected.info.input}.")
    return sizes


def of_table(path: Path) -> bool:
    """Whether a path may be a table: a file that is neither pictures nor arrays."""
    return path.is_file() and path.suffix.lower() not in ENDINGS and not is_picture(path)


def unseen_rows(
    path: Path, expected: ExpectedData, fit: str = "crop", rules: PixelRules = PLAIN
) -> UnseenRows:
    """The rows of this file or folder. `fit` says how pictures are brought to size, `rules` how deep and
    transparent ones are read. Raises `DataError`.
    """
    features = features_of(expected)
    if not path.exists():
        raise DataError(f"{path}: Expected a file or a folder of data. Received none of that name.")
    if path.suffix.lower() in ENDINGS:
        return UnseenArray(path, features, tokens=not expected.info.input.is_float)
    if path.is_dir() or is_picture(path):
        if len(features) != 3 or features[0] not in (1, 3):
            raise DataError(
                f"{path}: Expected samples as in training, {expected.info.input}. Received pictures."
            )
        return UnseenPictures(path, (features[0], features[1], features[2]), fit, rules)
    columns = expected.columns
    if columns is None and len(features) == 1 and expected.info.columns:
        columns = number_columns(expected.info.columns)
    if columns is None:
        raise DataError(
            f"{path}: Expected data as in training, {expected.info.title}: samples {expected.info.input}. "
            "Received a file that does not hold such samples."
        )
    from nodes.reading import csv_table

    return TableRows(csv_table.outline(path), columns)
