"""What pictures drawn from words must reach: classifiers that know real pictures find what was asked for."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.data_sets.made.tinted_clothes import COLOURS, FORMS, THINGS, caption
from nodes.reading.dataset import DataSplit
from tests.proofs.generative.course import Course
from tests.proofs.generative.figures import accuracy, classifier

Verdict = tuple[bool, str]
Models = tuple[torch.nn.Sequential, torch.nn.Sequential]
SCALES = (0.0, 1.0, 3.0)
EACH = 10
"""Samples of each caption."""
ASKED = [(thing, colour) for thing in range(len(THINGS)) for colour in range(len(COLOURS))]


def follows_words(course: Course) -> Verdict:
    """Of samples with guidance, at least 75 % have the thing and the colour that were asked for, and at least
    5 points more than without; with a scale of 0, which does not read the words, nearly none.
    """
    source = DataSource(**course.project.main.nodes["data"].params)
    data = catalogue.load(source, seed=course.project.settings.seed)
    images, things, colours = _tables(data.train)
    models = classifier(images, things, 4), classifier(images, colours, 1)
    real = _right(models, *_tables(data.validation))
    drawn = {scale: _drawn_right(course, models, scale) for scale in SCALES}
    none, plain, guided = (drawn[scale][0] for scale in SCALES)
    said = ", ".join(
        f"{both:.3f} with {scale:g} (thing {thing:.3f})" for scale, (both, thing) in drawn.items()
    )
    holds = guided >= 0.75 and guided >= plain + 0.05 and none <= 0.15
    return holds, (
        f"thing and colour as asked in {said}, of real pictures {real[0]:.3f} ({real[1]:.3f}); "
        "at least 0.75 with guidance and 0.05 more than without"
    )


def _drawn_right(course: Course, models: Models, scale: float) -> tuple[float, float]:
    names = list(COLOURS)
    prompts = "; ".join(caption(THINGS[thing], names[colour], FORMS[0]) for thing, colour in ASKED)
    count = EACH * len(ASKED)
    drawn = course.draw(count=count, seed=99, guidance=scale, prompts=prompts)
    asked = torch.tensor(ASKED).repeat(EACH, 1)
    return _right(models, torch.from_numpy(drawn["samples"]), asked[:, 0], asked[:, 1])


def _right(models: Models, images: Tensor, things: Tensor, colours: Tensor) -> tuple[float, float]:
    """Share of pictures with this thing and this colour, and with this thing."""
    with torch.no_grad():
        is_thing, is_colour = (
            model(images).argmax(1) == said for model, said in zip(models, (things, colours), strict=True)
        )
    return float((is_thing & is_colour).float().mean()), accuracy(models[0], images, things)


def _tables(split: DataSplit) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures from 0 to 1, the numbers of things and of colours."""
    rows = np.arange(len(split))
    said = (torch.from_numpy(split.more[name].fetch(rows).astype(np.int64)) for name in ("label", "colour"))
    things, colours = said
    return torch.from_numpy(split.input.fetch(rows).astype(np.float32) / 255.0), things, colours
