"""Augmentation: changes at random, while training, that leave the meaning of a sample as it is.

All of these draw anew for each sample of each step and do nothing when evaluating. Shapes stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodes.param import Bool, Choice, Float, Int
from nodes.shared import card_label
from nodes.shared.sliding_window import spatial
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, ProposedFix, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn

_IMAGES = (Port("input", "images (N, C, H, W)", ranks=(4,)),)
MASK = Port("mask", "labels (N, H, W), or images of the same size", "any", ranks=(3, 4), side=True)
_FILLS = {"zeros": "zeros", "border": "edge pixels", "reflection": "mirrored"}


def _fill() -> Choice:
    help_ = "What comes in from beyond the edges."
    return Choice("zeros", choices=tuple(_FILLS), titles=_FILLS, advanced=True, help=help_)


def _share(default: float, what: str) -> Float:
    return Float(default, min=0.0, max=1.0, help=what)


class Augmentation(Layer):
    """What augmentations of images share."""

    abstract = True
    family = Family.AUGMENTATION
    inputs = _IMAGES


class Movement(Augmentation):
    """What augmentations share that move pixels: a mask of the images can be moved alike."""

    abstract = True
    moves_pixels = True

    with_mask = Bool(
        False,
        advanced=True,
        label="Mask too",
        help="Move a mask, or another image, of the same size alike, through ports of its own.",
    )

    def input_ports(self) -> tuple[Port, ...]:
        return (*self.inputs, MASK) if self.with_mask else self.inputs

    def output_ports(self) -> tuple[Port, ...]:
        more = (Port("mask", "the mask, moved alike", side=True),) if self.with_mask else ()
        return (*self.outputs, *more)

    def output_classes(self, *inputs: TensorSpec) -> Mapping[str, int]:
        classes = inputs[1].classes if self.with_mask else None
        return {} if classes is None else {"mask": classes}

    def check(self, image: TensorSpec, mask: TensorSpec | None = None) -> None:
        if mask is not None and (mask.shape[-2:], mask.shape[0]) != (image.shape[-2:], image.shape[0]):
            size = card_label.by(spatial(image))
            raise LayerError(f"a mask of {size}, as the images", str(mask), port="mask")

    def example_inputs(self) -> Inputs:
        image = TensorSpec((N, 3, 8, 8))
        return (image, TensorSpec((N, 8, 8), "int64", classes=3)) if self.with_mask else (image,)


class RandomFlip(Movement):
    """Mirrors images at random: left becomes right, or top becomes bottom.

    Images `(N, C, H, W)`. Not for what has a left and a right, such as digits and letters.
    """

    title = "Random flip"
    aliases = ("mirror", "horizontal flip", "vertical flip", "augmentation", "hflip")

    horizontal = _share(0.5, "Chance that left and right change places.")
    vertical = _share(0.0, "Chance that top and bottom change places.")

    def build(self, image: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.augment import RandomFlip as Module

        return Module(self.horizontal, self.vertical)

    def card_label(self) -> str:
        parts = ((self.horizontal, "↔"), (self.vertical, "↕"))
        return card_label.line(*(f"{sign} {card_label.percent(chance)}" for chance, sign in parts if chance))


class RandomCrop(Movement):
    """Frames images with more pixels and cuts a piece of the old size out of that, somewhere.

    Images `(N, C, H, W)`; a shift by whole pixels. As for CIFAR in He et al. (2016).
    """

    title = "Random crop"
    aliases = ("pad and crop", "jitter", "translate", "augmentation", "cut")

    padding = Int(4, min=0, max=1024, unit="px", help="Width of the frame.")
    fill = _fill()

    def build(self, image: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.augment import RandomCrop as Module

        return Module(self.padding, self.fill)

    def check(self, image: TensorSpec, mask: TensorSpec | None = None) -> None:
        super().check(image, mask)
        most = min(spatial(image)) - 1
        if self.fill == "reflection" and self.padding > most:
            raise LayerError(
                f"a frame of at most {most}, mirrored from {card_label.by(spatial(image))} pixels",
                str(self.padding),
                fixes=(SetParam("padding", most), SetParam("fill", "border")),
            )

    def card_label(self) -> str:
        return f"pad {self.padding}"


class RandomRotate(Movement):
    """Turns images about their centre by a random angle.

    Images `(N, C, H, W)`, bilinear.
    """

    title = "Random rotate"
    aliases = ("rotation", "turn", "angle", "augmentation")

    angle = Float(15.0, min=0.0, max=180.0, unit="°", help="Largest angle, either way.")
    fill = _fill()

    def build(self, image: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.augment import RandomAffine as Module

        return Module(angle=self.angle, fill=self.fill)

    def card_label(self) -> str:
        return f"±{self.angle:g}°"


class RandomShift(Movement):
    """Moves images by a random share of their size, across and down.

    Images `(N, C, H, W)`, bilinear; Random crop moves by whole pixels.
    """

    title = "Random shift"
    aliases = ("translate", "translation", "move", "augmentation")

    amount = _share(0.1, "Largest shift, as a share of height and width.")
    fill = _fill()

    def build(self, image: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.augment import RandomAffine as Module

        return Module(shift=self.amount, fill=self.fill)

    def card_label(self) -> str:
        return f"±{card_label.percent(self.amount)}"


class RandomZoom(Movement):
    """Makes images larger or smaller at random, about their centre; their frame stays.

    Images `(N, C, H, W)`, bilinear.
    """

    title = "Random zoom"
    aliases = ("scale", "resize", "magnify", "augmentation")

    amount = Float(0.2, min=0.0, max=8.0, help="Up to 1 + this times as large, or as small.")
    fill = _fill()

    def build(self, image: TensorSpec, _mask: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.augment import RandomAffine as Module

        return Module(zoom=self.amount, fill=self.fill)

    def card_label(self) -> str:
        return f"×{1 / (1 + self.amount):.2g}–{1 + self.amount:.3g}"


class RandomColour(Augmentation):
    """Changes brightness, contrast and saturation of images at random.

    Images `(N, C, H, W)`, of any scale: brightness is added, contrast stretches about the mean of the image,
    saturation about the mean of the channels (it leaves grey images alone).
    """

    title = "Random colour"
    aliases = ("brightness", "contrast", "saturation", "colour jitter", "color jitter", "augmentation")

    brightness = _share(0.2, "Largest number added to all values.")
    contrast = _share(0.2, "Differences from the mean become up to 1 ± this times as large.")
    saturation = _share(0.2, "Differences from grey become up to 1 ± this times as large.")

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.augment import RandomColour as Module

        return Module(self.brightness, self.contrast, self.saturation)

    def card_label(self) -> str:
        return " / ".join(f"{value:g}" for value in (self.brightness, self.contrast, self.saturation))


class PixelNoise(Augmentation):
    """Blots out single pixels at random: sets them to zero, or to black and white.

    Images `(N, C, H, W)`; all channels of a pixel go together. Black and white are the least and the greatest
    value of the image. Gaussian noise adds to every value instead. As a denoising autoencoder is trained
    (Vincent et al., 2008).
    """

    title = "Pixel noise"
    aliases = ("salt and pepper", "masking noise", "denoising", "corrupt", "dropout", "augmentation")

    share = _share(0.1, "Share of the pixels that are blotted out.")
    kind = Choice("zero", choices=("zero", "salt and pepper"), help="What becomes of such a pixel.")

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.augment import PixelNoise as Module

        return Module(self.share, self.kind == "salt and pepper")

    def card_label(self) -> str:
        return card_label.line(card_label.percent(self.share), "" if self.kind == "zero" else self.kind)


class Cutout(Augmentation):
    """Blots out a square of each image, somewhere: no part should matter alone.

    Images `(N, C, H, W)`; where the square hangs over the edge, less is lost. From DeVries and Taylor (2017).
    """

    aliases = ("random erasing", "mask", "occlusion", "augmentation", "hole")

    size = Int(8, min=1, max=1024, unit="px", help="Side of the square.")
    value = Float(0.0, advanced=True, help="What the square is filled with.")

    def build(self, image: TensorSpec) -> nn.Module:
        from nodes.modules.augment import Cutout as Module

        return Module(self.size, self.value)

    def card_label(self) -> str:
        return f"{self.size}×{self.size}"


class Mixup(Layer):
    """Mixes each sample with another of the batch, and their labels in the same proportion.

    Inputs `(N, …)` and labels `(N)`; `target` is `(N, classes)`, the share of each class, which Cross-entropy
    takes in place of labels. Evaluating, samples pass and labels become rows with a one. From Zhang et al.
    (2018).
    """

    family = Family.AUGMENTATION
    aliases = ("mix", "soft labels", "blend", "augmentation", "interpolate")
    inputs = (
        Port("input", "samples (N, …)", ranks=(4, 2, 3, 5)),
        Port("label", "class indices (N)", dtype="int", ranks=(1,), side=True),
    )
    outputs = (
        Port("output", "mixed samples"),
        Port("target", "shares of the classes (N, classes)", side=True),
    )

    alpha = Float(
        0.2, min=0.01, max=100.0, label="α", help="Small: nearly one or the other; 1: any proportion alike."
    )
    classes = Int(
        0, min=0, max=1 << 20, zero="as the data", help="Number of classes; 0: as many as the data has."
    )

    def count(self, label: TensorSpec) -> int:
        """How many classes the labels tell apart; 0 where nobody says."""
        return self.classes or label.classes or 0

    def build(self, features: TensorSpec, label: TensorSpec) -> nn.Module:
        from nodes.modules.augment import Mixup as Module

        return Module(self.alpha, self.count(label))

    def check(self, features: TensorSpec, label: TensorSpec) -> None:
        count = self.count(label)
        fixes: tuple[ProposedFix, ...] = (SetParam("classes", label.classes or 10),)
        if not count or (label.classes is not None and count < label.classes):
            wanted = f"at least {label.classes}" if label.classes else "a number of"
            raise LayerError(f"{wanted} classes for these labels", str(count), port="label", fixes=fixes)
        if features.shape[0] != label.shape[0]:
            raise LayerError(f"a label for each sample of {features}", str(label), port="label")

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 3, 8, 8)), TensorSpec((N,), "int64", classes=10))

    def card_label(self) -> str:
        return f"α {self.alpha:g}"
