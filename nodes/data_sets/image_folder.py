"""A folder of pictures, each subfolder a class.

How files are found and decoded is the business of `nodes.reading.picture.picture_files`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import found_choice, path_label, path_param
from nodes.data_sets.listed_pictures import ListedPictures
from nodes.param import Choice, Text
from nodes.reading.error import DataError

if TYPE_CHECKING:
    from nodes.reading.look import Recognised
    from nodes.reading.picture.folder_layout import Listing


class ImageFolder(ListedPictures):
    """Image folder."""

    name = "image-folder"
    title = "Image folder"
    licence = "yours"
    description = (
        "A folder of pictures (PNG, JPEG, WebP, TIFF, BMP, GIF); each subfolder is a class, also below train "
        "and val. Links to folders are not followed."
    )
    place = 70
    keeps_errors = False  # the times of single pictures are not in the signature

    path = path_param()
    folders = found_choice(
        "classes",
        titles={"auto": "parts, where they are named so"},
        help="What folders named train, val and test are: parts that are held apart, or classes.",
    )
    classes_from = Choice(
        "folders",
        choices=("folders", "deepest", "names", "none"),
        titles={
            "folders": "the outer folders",
            "deepest": "the inner folders",
            "names": "names of files",
            "none": "nothing",
        },
        label="Classes from",
        help="What says the class of a picture.",
    )
    name_pattern = Text(
        "",
        empty="words beside a number",
        advanced=True,
        help="Where the class stands in names of files: *_{class}_*.jpg; * is anything.",
    )

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.picture.picture_match import recognise_folder

        return recognise_folder(path)

    def chosen(self) -> Path:
        """The folder of pictures. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError(
                "path: Expected a folder with a subfolder of pictures per class. "
                "Received nothing; choose one."
            )
        return Path(self.path)

    def listing(self) -> Listing:
        """The pictures and their classes; kept while the folder stays. Raises `DataError`."""
        from nodes.reading.picture.folder_layout import LayoutRules, kept_listing

        rules = LayoutRules(self.folders, self.classes_from, self.name_pattern)
        return kept_listing(self.chosen(), rules, self.signature())

    def signature(self) -> tuple[tuple[str, int], ...]:
        """Changes when a file is added to the folder or taken from it."""
        from nodes.reading.picture.folder_version import folder_version

        return folder_version(Path(self.path))

    def card_label(self) -> str:
        return path_label(self.path)
