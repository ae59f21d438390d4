"""What sets of pictures in files share, whatever lists them: a folder or a table.

Only paths are held; how files are decoded is the business of `nodes.reading.picture.picture_files`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import split_param
from nodes.data_sets.pictures import LARGEST_SIDE, PictureSet
from nodes.param import Choice, Float
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, Rows, Scaling
    from nodes.reading.look import DataLook
    from nodes.reading.picture.folder_layout import Listing
    from nodes.reading.picture.open_picture import PixelRules
    from nodes.reading.picture.picture_files import PictureRows
    from nodes.reading.split import DividedSamples, SplitMarks
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

LOOKED_AT = 200
"""Pictures, evenly spread, whose pixels are counted for a look."""
GROUNDS = {"white": 255, "grey": 128, "black": 0}


class ListedPictures(PictureSet):
    """What sets of pictures in files share."""

    split = split_param()
    ground = Choice("white", choices=tuple(GROUNDS), advanced=True, help="What transparent pictures lie on.")
    black = Float(0.0, advanced=True, help="The number that is black above 8 bits, where white is chosen.")
    white = Float(
        0.0,
        zero="as usual",
        advanced=True,
        help="The number that is white above 8 bits; 0: 65,535, of floats the usual range that holds them.",
    )

    def listing(self) -> Listing:
        """The pictures, and their classes or values. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not list its pictures")

    def describe(self) -> DataInfo:
        return self._info(self.listing())

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading.picture import picture_files

        listing = self.listing()
        info = self._info(listing)
        divided = self.divided_pictures(listing, seed)
        groups = listing.labels * 2
        groups[divided.validation] += 1
        rows = self.picture_rows(listing, info, groups)
        first = np.concatenate([divided.train, divided.validation])
        if not self.is_paired:  # in a pair no other picture may stand in for one that is found bad later
            first = picture_files.checked_first(groups, first)
        picture_files.check(rows, listing, first)
        return self._data_set(listing, info, divided, rows)

    def _data_set(
        self,
        listing: Listing,
        info: DataInfo,
        divided: DividedSamples,
        rows: PictureRows,
        most: int | None = None,
    ) -> DataSet:
        """The set without the pictures that are known to be bad; `most` are looked at to scale them."""
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import DataSet, DataSplit, PartRows
        from nodes.reading.picture import picture_files

        inside, outside = (np.setdiff1d(part, rows.bad) for part in (divided.train, divided.validation))
        info = replace(info, samples=len(inside) + len(outside), division=divided.division)
        choice = self.scaling_or("standardise")
        inputs = self.input_rows(rows, info)
        seen = (
            picture_files.sampled(inside, inputs) if most is None else picture_files.spread_rows(inside, most)
        )
        pixels = inputs.fetch(seen)
        scaling = split.scaling(pixels, choice, axis=1)
        handed, of_values = self._targets(listing, rows, inside, choice)
        train, held = (
            DataSplit(
                PartRows(inputs, part),
                None if handed is None else _at(handed, part),
                scaling,
                of_values,
                places=part,
            )
            for part in (inside, outside)
        )
        return DataSet(info, train, held, rows.skipped, divided.notes, divided.sentence, listing.paths)

    def _targets(
        self, listing: Listing, rows: PictureRows, inside: NDArray[np.int64], choice: str
    ) -> tuple[Rows | None, Scaling | None]:
        """What is to be predicted of all pictures, and how values are scaled; several labels are not."""
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, PlacedRows

        if listing.classes:
            return ArrayRows(listing.labels), None
        if listing.values is None:
            return None, None
        are_flags = bool(listing.label_names) or bool(np.isin(listing.values, (0.0, 1.0)).all())
        scaling = None if are_flags else split.scaling(listing.values[inside], choice)
        return PlacedRows(listing.values, rows.used), scaling

    def look(self, seed: int) -> DataLook:
        import numpy as np

        from nodes.reading.looking import look_at
        from nodes.reading.picture import picture_files, picture_look, same_files
        from nodes.reading.picture.survey import survey

        listing = self.listing()
        if len(listing.paths) <= picture_files.CHECKED_AT_ONCE:
            data = self.load(seed)
        else:
            info = self._info(listing)
            divided = self.divided_pictures(listing, seed)
            rows = self.picture_rows(listing, info, listing.labels)
            data = self._data_set(listing, info, divided, rows, LOOKED_AT)
        places = picture_files.spread_rows(np.arange(len(data.train)), LOOKED_AT)
        pixels = data.train.input.fetch(places)
        found = survey(listing.paths)
        wishes = picture_look.Wishes(self.values, self._shape(data.info), self.pixel_rules(listing).levels)
        look = look_at(data.info, data)
        return replace(
            look,
            facts=(*look.facts, *listing.facts, *picture_look.facts(found, wishes)),
            parts=tuple(picture_look.parts(pixels, look.balance)),
            doubts=tuple(picture_look.doubts(found, listing, wishes)),
            warnings=(
                *look.warnings,
                *picture_look.warnings(found, pixels),
                *same_files.warnings_of(listing),
            ),
        )

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        if part == "class" and role in ("target", "ignore") and "classes_from" in self.values:
            return {"classes_from": "none" if role == "ignore" else "folders"}
        raise DataError(f"{self.title}: Expected the class as target or ignore. Received {part!r} as {role}.")

    def picture_rows(self, listing: Listing, info: DataInfo, groups: NDArray[np.int64]) -> PictureRows:
        """The pictures as rows; `groups` says which may stand in for each other."""
        from nodes.reading.picture.picture_files import PictureRows

        return PictureRows(listing, groups, self._shape(info), self.fit, self.pixel_rules(listing))

    def input_rows(self, rows: PictureRows, _info: DataInfo) -> Rows:
        """What goes in of these rows."""
        return rows

    def divided_pictures(self, listing: Listing, seed: int) -> DividedSamples:
        """The pictures, divided by the parameter `split` and by what the folders or the table say."""
        return self.divided(len(listing.paths), seed, self.marks(listing))

    def marks(self, listing: Listing) -> SplitMarks:
        """What is known of each picture by which it can be divided."""
        import numpy as np

        from nodes.reading.split import TRAIN, VALIDATION, SplitMarks

        parts = None
        if listing.training is not None:
            parts = np.where(np.arange(len(listing.paths)) < listing.training, TRAIN, VALIDATION)
        return SplitMarks(
            classes=listing.labels if listing.classes else None, class_names=listing.classes, parts=parts
        )

    def _shape(self, info: DataInfo) -> tuple[int, int, int]:
        """Channels, height and width of a picture as it is read."""
        channels, height, width = (int(str(n)) for n in info.input.features)
        return channels, height, width

    def pixel_rules(self, listing: Listing) -> PixelRules:
        """How transparent and deep pictures are read. Raises `DataError` where white is not above black."""
        from nodes.reading.picture.levels import WHOLE_16, Levels
        from nodes.reading.picture.open_picture import PixelRules
        from nodes.reading.picture.survey import levels_of

        if self.white and self.white <= self.black:
            raise DataError(
                f"white: Expected a number above that of black, {self.black:g}. Received {self.white:g}."
            )
        chosen = Levels(self.black, self.white) if self.white else None
        return PixelRules(GROUNDS[self.ground], chosen or WHOLE_16, chosen or levels_of(listing.paths))

    def levels_read(self) -> tuple[float, float] | None:
        found = self.pixel_rules(self.listing()).levels
        return None if found is None else (found.black, found.white)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.picture.levels import WHOLE_16, Levels
        from nodes.reading.picture.open_picture import PixelRules
        from nodes.reading.unseen.opening import unseen_rows

        chosen = Levels(self.black, self.white) if self.white else None
        levels = chosen or (Levels(*expected.levels) if expected.levels else None)
        rules = PixelRules(GROUNDS[self.ground], chosen or WHOLE_16, levels)
        return unseen_rows(path, expected, self.fit, rules)

    def _info(self, listing: Listing) -> DataInfo:
        from nodes.reading.picture.picture_files import natural_shape

        count = len(listing.paths)
        natural = natural_shape(listing)
        if 0 in self.size and natural[1] * natural[2] > LARGEST_SIDE**2:
            raise DataError(
                f"size: Choose a size. Expected pictures of at most {LARGEST_SIDE:,} × {LARGEST_SIDE:,} px "
                f"where none is chosen. Received {natural[2]:,} × {natural[1]:,} px."
            )
        return self.info(
            title=listing.folder.name or str(listing.folder),
            samples=min(count, self.samples or count),
            input=self.picture_spec(*natural),
            target=_target(listing),
            classes=listing.classes,
            division=self._division(listing),
            stored=count,
            labels=listing.label_names,
        )

    def _division(self, listing: Listing) -> str:
        if self.split == "auto":
            if listing.words is not None:
                return "column"
            if listing.groups is not None:
                return "group"
            return "shuffled" if listing.training is None else "fixed"
        return "shuffled" if self.split == "random" else str(self.split)


class MaskTargets(ListedPictures):
    """What sets add whose targets are masks, a class number for each pixel."""

    def _targets(
        self, listing: Listing, rows: PictureRows, inside: NDArray[np.int64], choice: str
    ) -> tuple[Rows | None, Scaling | None]:
        from nodes.reading.picture.listed.pair_rows import MaskLabels, PairRows

        assert isinstance(rows, PairRows)
        return MaskLabels(rows), None

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        raise DataError(f"{self.title}: Expected the mask as target. Received {part!r} as {role}.")


def _at(rows: Rows, part: NDArray[np.int64]) -> Rows:
    """The rows of a part; those of an array are copied, so that they can lie on the device."""
    from nodes.reading.dataset import ArrayRows, PartRows

    return ArrayRows(rows.array[part]) if isinstance(rows, ArrayRows) else PartRows(rows, part)


def _target(listing: Listing) -> TensorSpec | None:
    if listing.classes:
        return TensorSpec((N,), "int64", classes=len(listing.classes))
    return None if listing.values is None else TensorSpec((N, listing.values.shape[1]))
