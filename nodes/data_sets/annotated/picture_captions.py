"""Pictures with captions: the picture goes in, its caption is predicted token by token.

Captions come from a table, from JSON or from a text beside each picture. Those of one picture all train or
all validate, and the vocabulary is fitted to those that train.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import path_label, path_param, split_column_param, split_param
from nodes.data_sets.listed_pictures import ListedPictures
from nodes.data_sets.text_pairs import DECODER_INPUT, SPECIALS, TARGET_MASK
from nodes.data_sets.texts import (
    lowercase_param,
    require_room_for_bytes,
    text_column_param,
    tokens_param,
    vocabulary_param,
)
from nodes.param import Int
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.picture.captions.caption_files import CaptionSource
    from nodes.reading.picture.captions.captioned import CaptionSet
    from nodes.reading.picture.folder_layout import Listing
    from nodes.reading.picture.picture_files import PictureRows
    from nodes.reading.split import DividedSamples, SplitMarks
    from nodes.reading.texts.vocabulary import Cutting, Vocabulary

USUAL_LENGTH = 64
"""Tokens of a caption where nobody chose, if the longest has more."""


class PictureCaptions(ListedPictures):
    """Pictures with captions."""

    name = "image-captions"
    title = "Pictures with captions"
    licence = "yours"
    description = (
        "Pictures and sentences that say what is in them, several for a picture or one: a table (image, "
        "caption), JSON lines, COCO JSON, or a text beside each picture."
    )
    place = 70
    keeps_errors = False  # the times of single texts are not in the signature
    more = (DECODER_INPUT, TARGET_MASK)

    path = path_param()
    text_column = text_column_param()
    split = split_param()
    split_column = split_column_param()
    tokens = tokens_param()
    vocabulary_size = vocabulary_param()
    caption_length = Int(
        0,
        max=100_000,
        zero=f"the longest, at most {USUAL_LENGTH}",
        label="Length",
        help="Tokens of a caption with its end; longer ones are cut, shorter ones filled up.",
    )
    lowercase = lowercase_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.picture.captions.caption_files import recognise

        return recognise(path)

    def captions(self) -> CaptionSet:
        """The pictures and their captions. Raises `DataError`."""
        from nodes.reading.picture.captions.caption_files import kept_captions

        return kept_captions(self._source(), self.text_column, self.split_column, self.signature())

    def _source(self) -> CaptionSource:
        from nodes.reading.picture.captions.caption_files import source_of

        if not self.path:
            raise DataError(
                "path: Expected pictures with captions. Received nothing; choose a folder or file."
            )
        found = source_of(Path(self.path))
        if found is None:
            raise DataError(
                f"{self.path}: Expected captions of pictures: a table with names of pictures and sentences, "
                "JSON lines, or a text beside each picture. Received none of them."
            )
        return found

    def signature(self) -> object:
        from nodes.reading.picture.captions.caption_files import source_of
        from nodes.reading.picture.folder_version import version_with

        found = source_of(Path(self.path)) if self.path else None
        return None if found is None else version_with(found.root, found.files)

    def listing(self) -> Listing:
        """The pictures, each once."""
        return self.captions().listing

    def cutting(self) -> Cutting:
        """How captions are cut. Raises `DataError` where the vocabulary is too small for it."""
        from nodes.reading.texts.vocabulary import Cutting

        kind = "word" if self.tokens == "auto" else self.tokens
        require_room_for_bytes(kind, self.vocabulary_size)
        return Cutting(kind, self.lowercase, specials=SPECIALS)

    def length_of(self, one: CaptionSet) -> int:
        """Tokens of a caption with its end."""
        cutting = self.cutting()
        if self.caption_length or cutting.kind == "byte-pair":
            return int(self.caption_length or USUAL_LENGTH)
        longest = 1 + max(len(cutting.tokens(text)) for text in one.texts)
        return min(longest, USUAL_LENGTH)

    def describe(self) -> DataInfo:
        return self._described(self.captions())

    def _described(self, one: CaptionSet) -> DataInfo:
        from nodes.reading.texts.bounds import vocabulary_bound

        count, length = len(one), self.length_of(one)
        asked = (self.name, self.path, self.text_column, self.signature())
        bound = vocabulary_bound(asked, one.texts, self.cutting(), self.vocabulary_size)
        tokens = TensorSpec((N, length), "int64", classes=bound)
        return replace(
            self._info(one.listing),
            samples=min(count, self.samples or count),
            target=tokens,
            more=(("decoder_input", tokens), ("target_mask", TensorSpec((N, length)))),
            stored=count,
            division=self._caption_division(one),
        )

    def _caption_division(self, one: CaptionSet) -> str:
        if self.split not in ("auto", "random"):
            return str(self.split)
        is_given = self.split == "auto" and (one.words is not None or one.parts is not None)
        return ("column" if one.words is not None else "fixed") if is_given else "group"

    def divided_captions(self, one: CaptionSet, seed: int) -> DividedSamples:
        """The captions, divided so that those of one picture stay together. Raises `DataError`."""
        kind = self._caption_division(one)
        chosen = self if kind == self.split or kind != "group" else type(self)({**self.values, "split": kind})
        chosen.follows, chosen.is_paired = self.follows, self.is_paired
        found = chosen.divided(len(one), seed, self._marks(one))
        self.excluded_count = chosen.excluded_count
        _require_whole(one, found)
        return found

    def _marks(self, one: CaptionSet) -> SplitMarks:
        from nodes.reading.split import SplitMarks

        return SplitMarks(
            groups=one.owners,
            group_name="picture",
            words=one.words,
            words_name=one.words_name or "split",
            parts=one.parts,
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading.dataset import DataSet
        from nodes.reading.picture import picture_files

        one = self.captions()
        info, divided = self._described(one), self.divided_captions(one, seed)
        part_of_picture = np.zeros(len(one.listing.paths), np.int64)
        part_of_picture[one.owners[divided.validation]] = 1
        rows = self.picture_rows(one.listing, info, part_of_picture)
        pictures = np.unique(one.owners[np.concatenate([divided.train, divided.validation])])
        if not self.is_paired:
            pictures = picture_files.checked_first(part_of_picture, pictures)
        picture_files.check(rows, one.listing, pictures)
        inside, outside = (
            part[~np.isin(one.owners[part], rows.bad)] for part in (divided.train, divided.validation)
        )
        return self._data_set_of(DataSet, one, info, divided, rows, (inside, outside))

    def _data_set_of(
        self,
        make: type[DataSet],
        one: CaptionSet,
        info: DataInfo,
        divided: DividedSamples,
        rows: PictureRows,
        parts: tuple[NDArray[np.int64], NDArray[np.int64]],
    ) -> DataSet:
        """The set of these captions, its vocabulary fitted to those that train."""
        import numpy as np

        from nodes.reading import split
        from nodes.reading.picture import picture_files
        from nodes.reading.texts.vocabulary import fitted

        vocabulary = fitted((one.texts[i] for i in parts[0]), self.cutting(), self.vocabulary_size)
        seen = picture_files.sampled(np.unique(one.owners[parts[0]]), rows)
        scaling = split.scaling(rows.fetch(seen), self.scaling_or("standardise"), axis=1)
        made = [self._part(one, rows, vocabulary, part, scaling) for part in parts]
        info = replace(
            info,
            samples=len(parts[0]) + len(parts[1]),
            target_vocabulary=vocabulary,
            division=divided.division,
        )
        notes, cut = list(divided.notes), sum(count for _, count in made)
        if cut:
            length = self.length_of(one)
            count = f"{cut:,} of {info.samples:,} captions"
            notes.append(f"{count} have more than {length:,} tokens with their end: their ends are left out")
        names = tuple(one.listing.paths[owner] for owner in one.owners)
        return make(info, made[0][0], made[1][0], rows.skipped, notes, divided.sentence, names)

    def _part(
        self,
        one: CaptionSet,
        rows: PictureRows,
        vocabulary: Vocabulary,
        places: NDArray[np.int64],
        scaling: Scaling,
    ) -> tuple[DataSplit, int]:
        """The captions at these places, and how many of them are cut."""
        import numpy as np

        from nodes.reading.dataset import DataSplit, PartRows, PlacedRows
        from nodes.reading.picture.captions.caption_rows import UsedCaptions
        from nodes.reading.texts.padded import padded
        from nodes.reading.texts.vocabulary import BEGIN, END

        texts, length, where = [one.texts[i] for i in places], self.length_of(one), str(self.path)
        coming = padded(texts, len(texts), vocabulary, length, behind=(END,), where=where)
        so_far = padded(texts, len(texts), vocabulary, length, before=(BEGIN,), where=where)
        owners = one.owners[places]
        first = np.zeros(len(one.listing.paths), np.int64)
        first[owners[::-1]] = np.arange(len(owners))[::-1]
        used = UsedCaptions(rows, owners, first)
        tokens, decoder_input, mask = (
            PlacedRows(array, used) for array in (coming.tokens, so_far.tokens, coming.mask)
        )
        more = {"decoder_input": decoder_input, "target_mask": mask}
        return DataSplit(PartRows(rows, owners), tokens, scaling, places=places, more=more), coming.cut

    def look(self, seed: int) -> DataLook:
        import numpy as np

        from nodes.reading.looking import look_at
        from nodes.reading.picture import picture_files, picture_look
        from nodes.reading.picture.captions.caption_look import caption_doubts, caption_facts, caption_part
        from nodes.reading.picture.survey import survey

        one, data = self.captions(), self.load(seed)
        places = picture_files.spread_rows(np.arange(len(data.train)), 200)
        found = survey(one.listing.paths)
        shape, levels = self._shape(data.info), self.pixel_rules(one.listing).levels
        wishes = picture_look.Wishes(self.values, shape, levels)
        look = look_at(data.info, data)
        pixels = data.train.input.fetch(places)
        return replace(
            look,
            facts=(*look.facts, *one.facts, *caption_facts(data), *picture_look.facts(found, wishes)),
            parts=(*picture_look.parts(pixels, ()), caption_part(one, self.cutting())),
            doubts=(
                *caption_doubts(one, data),
                *picture_look.doubts(found, one.listing, wishes),
            ),
            warnings=(*look.warnings, *picture_look.warnings(found, pixels)),
        )

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        raise DataError(f"{self.title}: Expected the caption as target. Received {part!r} as {role}.")

    def card_label(self) -> str:
        return path_label(self.path)


def _require_whole(one: CaptionSet, found: DividedSamples) -> None:
    """Raise `DataError` where captions of one picture are divided, as a column of words may do."""
    import numpy as np

    torn = np.intersect1d(one.owners[found.train], one.owners[found.validation])
    if len(torn):
        picture = Path(one.listing.paths[int(torn[0])]).name
        raise DataError(
            f"{one.listing.folder}: Expected the captions of a picture all to train or all to validate. "
            f"Received {len(torn):,} pictures with captions in both parts, as {picture}; choose another "
            "column, or divide them at random (split)."
        )
