"""Trains the projects that generate to the figures they must reach: generative_learns [NAME …] [--seeds 0,1]
[--pictures FOLDER].

NAME is a project of the gallery or the path of a .loom file of that name. With `--pictures` the samples of
the end (and those of epochs 0, 1, 5 and 20, where they are compared) are written there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from engine.runs.archive import checkpoints_of
from engine.sample import export
from tests.proofs.generative import (
    adversarial,
    diffusion,
    dreaming,
    enlarging,
    following_words,
    free_running,
    growing,
    reconstruction,
)
from tests.proofs.generative.course import Course, drawing, trained

CHECKS: dict[str, Callable[[Course], tuple[bool, str]]] = {
    "gan-2d-line": adversarial.covers,
    "gan-2d-gaussians": adversarial.covers,
    "gan-2d-ring": adversarial.covers,
    "gan-2d-blobs": adversarial.covers,
    "gan-2d-drawn": adversarial.covers,
    "dcgan-fashion": adversarial.nears,
    "lsgan-fashion": adversarial.nears,
    "wgan-gp-fashion": adversarial.estimates,
    "cgan-digits": adversarial.conditioned,
    "cyclegan-digits": adversarial.cycles,
    "progressive-gan": growing.grows,
    "vae-fashion": reconstruction.elbo,
    "autoencoder-fashion": reconstruction.reconstructs,
    "autoencoder-sparse": reconstruction.reconstructs,
    "autoencoder-contractive": reconstruction.reconstructs,
    "autoencoder-denoising": reconstruction.denoises,
    "diffusion-two-gaussians": diffusion.returns,
    "diffusion-ring": diffusion.returns,
    "diffusion-digits": diffusion.draws_digits,
    "captions-scenes": free_running.captions,
    "text-to-picture": following_words.follows_words,
    "deep-dream": dreaming.dreams,
    "superres-mse": enlarging.beats_cubic,
    "superres-gan": enlarging.beats_cubic,
}
KEPT_EPOCHS = {"dcgan-fashion": 1, "lsgan-fashion": 1, "wgan-gp-fashion": 1, "progressive-gan": 1}


def check(name: str, seed: int, pictures: Path | None) -> tuple[bool, str]:
    key = Path(name).stem
    started = perf_counter()
    with trained(drawing(name), seed, KEPT_EPOCHS.get(key, 0)) as course:
        holds, words = CHECKS[key](course)
        if pictures is not None:
            _draw(course, pictures, f"{key}-{seed}")
    return (
        holds,
        f"{words}; trained in {course.finished.seconds:.0f} s, {perf_counter() - started:.0f} s in all",
    )


def _draw(course: Course, folder: Path, stem: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawing = ("samples", "latent_walk", "diffusion_sampler")
    samplers = [node.id for node in course.project.main.nodes.values() if node.layer in drawing]
    kept = {found.epoch for found in checkpoints_of(course.folder) if found.kind == "kept"}
    for sampler in samplers:
        (folder / f"{stem}-{sampler}.png").write_bytes(export.png(course.draw(sampler)))
        for epoch in adversarial.EPOCHS:
            if kept and (epoch == 0 or epoch in kept):
                picture = export.png(course.draw(sampler, epoch))
                (folder / f"{stem}-{sampler}-epoch{epoch}.png").write_bytes(picture)


def main(arguments: list[str]) -> int:
    seeds, pictures = [0], None
    for flag in ("--seeds", "--pictures"):
        if flag in arguments:
            at = arguments.index(flag)
            value = arguments[at + 1]
            arguments = arguments[:at] + arguments[at + 2 :]
            if flag == "--seeds":
                seeds = [int(seed) for seed in value.split(",")]
            else:
                pictures = Path(value)
    unknown = {Path(name).stem for name in arguments} - set(CHECKS)
    if unknown:
        print(
            f"Expected some of {', '.join(CHECKS)}. Received {', '.join(sorted(unknown))}.", file=sys.stderr
        )
        return 2
    failed = 0
    for name in arguments or CHECKS:
        held = 0
        for seed in seeds:
            holds, words = check(name, seed, pictures)
            held += holds
            print(f"{'holds' if holds else 'FAILS'}  {Path(name).stem} seed {seed}: {words}", flush=True)
        if len(seeds) > 1:
            print(f"       {Path(name).stem}: {held} of {len(seeds)} seeds", flush=True)
        failed += held < len(seeds)
    return int(failed > 0)
