"""Sounds: files of a folder, its subfolders the classes, as waveforms or mel spectrograms of one length."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param, split_param
from nodes.param import Choice, Float, Int
from nodes.reading.error import DataError
from nodes.shared.card_label import by
from nodes.spec import N, Port, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.preview import SetPreview
    from nodes.reading.sound.sound_rows import SoundListing, SoundShape
    from nodes.reading.split import DividedSamples
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

KEPT_BYTES = 256 << 20
"""Bytes of sounds that are decoded once and kept; of more they are decoded whenever they are used."""
MEASURED = 500
"""Sounds of the training part by which numbers are scaled where not all are kept."""


class Sounds(DataSetDeclaration):
    """Sounds."""

    name = "sounds"
    title = "Sounds"
    kind = "sounds"
    licence = "yours"
    description = "A folder of sounds (WAV, FLAC, Ogg, AIFF, MP3); each subfolder is a class."
    place = 77
    keeps_errors = False  # the times of single files are not in the signature
    more = (Port("mask", "1 where the sound is, 0 where it is filled up (N, samples or frames)", side=True),)

    path = path_param()
    sound_as = Choice(
        "spectrogram",
        choices=("spectrogram", "waveform"),
        titles={"spectrogram": "mel spectrogram"},
        help="What goes in: bands of frequencies over time, as a picture, or the samples themselves.",
    )
    seconds = Float(
        1.0,
        min=0.001,
        max=600.0,
        unit="s",
        help="Length of a sound; longer ones lose their end, shorter are filled.",
    )
    sample_rate = Int(
        0, max=1_000_000, zero="of most files", unit="Hz", help="Samples a second that all are brought to."
    )
    other_rates = Choice(
        "resample",
        choices=("resample", "leave out"),
        help="Sounds of another rate: bring them to it, or leave them out.",
    )
    mels = Int(64, min=4, max=1024, label="Bands", help="Bands of frequencies of a spectrogram.")
    window_size = Int(512, min=16, max=1 << 16, advanced=True, help="Samples of a window of a spectrogram.")
    hop_length = Int(256, min=1, max=1 << 16, advanced=True, help="Samples from one window to the next.")
    split = split_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.folders.recognition import holds_mostly
        from nodes.reading.look import Recognised
        from nodes.reading.sound.sound_files import ENDINGS

        if not holds_mostly(path, ENDINGS):
            return None
        return Recognised(60, {"path": str(path)}, "it is a folder of sounds")

    def card_label(self) -> str:
        return path_label(self.path)

    def _listing(self) -> SoundListing:
        from nodes.reading.sound import kept_listings

        if not self.path:
            raise DataError("path: Expected a folder of sounds. Received nothing; choose one.")
        folder = Path(self.path)
        if not folder.is_dir():
            raise DataError(f"{folder}: Expected a folder of sounds. Received no folder.")
        found = kept_listings.listing_of(folder)
        if self.other_rates == "leave out":
            found = kept_listings.of_rate(found, self.sample_rate or found.usual_rate)
        return found

    def _shape(self, found: SoundListing) -> SoundShape:
        return self._shape_at(self.sample_rate or found.usual_rate)

    def _shape_at(self, rate: int) -> SoundShape:
        from nodes.reading.sound.sound_rows import SoundShape
        from nodes.reading.sound.spectrogram import MelChoice

        length = max(1, round(self.seconds * rate))
        if self.sound_as == "waveform":
            return SoundShape(rate, length)
        return SoundShape(rate, length, MelChoice(rate, self.window_size, self.hop_length, self.mels))

    def rate_read(self) -> int:
        return self.sample_rate or self._listing().usual_rate

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.sounds import UnseenSounds

        if expected.rate is None:
            raise DataError(f"{path}: Expected the rate of the sounds of the run. Received a run without it.")
        shape = self._shape_at(expected.rate)
        if shape.features != expected.info.input.features:
            raise DataError(
                f"{path}: Expected sounds of sizes {expected.info.input}. Received {by(shape.features)}."
            )
        return UnseenSounds(path, shape)

    def describe(self) -> DataInfo:
        found = self._listing()
        return self._info(found, self._divided(found, 0))

    def _info(self, found: SoundListing, divided: DividedSamples) -> DataInfo:
        shape, classes = self._shape(found), found.files.classes
        return self.info(
            title=Path(self.path).name,
            samples=len(divided.train) + len(divided.validation),
            input=TensorSpec((N, *shape.features)),
            target=TensorSpec((N,), "int64", classes=len(classes)) if classes else None,
            classes=classes,
            division=divided.division,
            stored=len(found.kept),
            more=(("mask", TensorSpec((N, shape.steps))),),
        )

    def _divided(self, found: SoundListing, seed: int) -> DividedSamples:
        import numpy as np

        from nodes.reading import split

        split.require_samples(len(found.kept), self.path, "sounds")
        labels, parts = self._labels(found), found.files.parts
        marks = split.SplitMarks(
            classes=labels,
            class_names=found.files.classes,
            parts=np.array([parts[i] for i in found.kept]) if parts is not None else None,
        )
        return self.divided(len(found.kept), seed, marks)

    def _labels(self, found: SoundListing) -> NDArray[np.int64] | None:
        import numpy as np

        if not found.files.classes:
            return None
        return np.array([found.files.labels[i] for i in found.kept], np.int64)

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading import split
        from nodes.reading.dataset import DataSet

        found = self._listing()
        divided = self._divided(found, seed)
        skipped: list[str] = []
        parts = [self._rows(found, places, skipped) for places in (divided.train, divided.validation)]
        split.require_samples(len(parts[0]), self.path, "sounds to train on")
        scaling = self._scaling(parts[0])
        train, held = (replace(part, input_scaling=scaling) for part in parts)
        info = replace(self._info(found, divided), samples=len(train) + len(held))
        return DataSet(info, train, held, skipped, [*found.notes, *divided.notes, *self._told(found)])

    def _rows(self, found: SoundListing, places: Any, skipped: list[str]) -> DataSplit:
        import numpy as np

        from nodes.reading.dataset import ArrayRows, DataSplit, Rows
        from nodes.reading.sound.sound_rows import MaskRows, SoundRows

        shape, labels = self._shape(found), self._labels(found)
        sounds = SoundRows(tuple(found.files.paths[found.kept[i]] for i in places), shape, skipped)
        rows: Rows = sounds
        size = int(np.prod(rows.shape)) * 4
        if size <= KEPT_BYTES:
            decoded = sounds.fetch(np.arange(len(rows)))
            good = np.array([path not in sounds.broken for path in sounds.paths], bool)
            rows, places = ArrayRows(decoded[good]), places[good]
        steps = np.array([shape.steps_of(found.heads[i]) for i in places], np.int64)
        mask = MaskRows(steps, shape.steps)
        kept_mask = ArrayRows(mask.fetch(np.arange(len(mask)))) if size <= KEPT_BYTES else mask
        target = ArrayRows(labels[places]) if labels is not None else None
        return DataSplit(rows, target, places=places, more={"mask": kept_mask})

    def _scaling(self, part: DataSplit) -> Scaling:
        """Fitted to sounds of the training part, evenly over it."""
        import numpy as np

        from nodes.reading import split

        choice = self.scaling_or("none" if self.sound_as == "waveform" else "standardise")
        count = min(MEASURED, len(part)) if choice != "none" else 0
        some = np.linspace(0, len(part) - 1, count).astype(np.int64)
        return split.scaling(part.input.fetch(some), choice, axis=1)

    def _told(self, found: SoundListing) -> list[str]:
        """What becomes of sounds that are longer, of another rate, or of several channels."""
        from nodes.reading.sound.spectrogram import empty_bands
        from nodes.shown_text import listed

        shape = self._shape(found)
        longer = sum(head.seconds > self.seconds for head in found.heads)
        others = sum(head.rate != shape.rate for head in found.heads)
        several = sum(head.channels > 1 for head in found.heads)
        count = f"of {len(found.heads):,} sounds"
        empty = empty_bands(shape.rate, shape.mel.size, shape.mel.mels) if shape.mel is not None else 0
        cut = [found.files.paths[i] for i, head in zip(found.kept, found.heads, strict=True) if head.is_cut]
        told = (
            (len(cut), f"{len(cut):,} {count} end before their header says: {listed(cut)}"),
            (longer, f"{longer:,} {count} last longer than {self.seconds:g} s: their ends are left out"),
            (others, f"{others:,} {count} have another rate and are brought to {shape.rate:,} Hz"),
            (several, f"{several:,} {count} have several channels: their mean is taken"),
            (empty, f"{empty:,} of {self.mels:,} bands are empty: choose fewer, or a larger window_size"),
        )
        return [sentence for number, sentence in told if number]

    def preview(self, seed: int) -> SetPreview | None:
        from nodes.reading.sound.sound_look import preview_of

        return preview_of(self.load(seed))

    def look(self, seed: int) -> DataLook:
        from dataclasses import replace

        from nodes.reading.looking import look_at
        from nodes.reading.sound.sound_look import look_at_sounds, odd_sounds, preview_of

        found, data = self._listing(), self.load(seed)
        base = look_at(data.info, data, preview_of(data))
        base = replace(base, warnings=(*base.warnings, *odd_sounds(data, found)))
        return look_at_sounds(base, found, self._shape(found), self.values)
