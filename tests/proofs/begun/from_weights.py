"""What a network that begins with weights gains over the same network without them, on the same few samples.

Transfer: the weights of ImageNet from a package, frozen behind a new head, then the last stages unfrozen.
BERT: the weights of a run that found hidden words, then tuned to a few labelled texts.
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import msgspec

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage import gallery
from engine.messages.events import Event, Validated
from engine.run.run import Run
from engine.weights.checkpoint import WeightsError
from engine.weights.pretrained import pretrained_file

LAST = ("stage6", "stage7", "top")
"""The stages that are unfrozen in the second step."""
UNFROZEN_EPOCHS = 4
GAIN = 0.20


def transfer(seed: int) -> tuple[bool, str]:
    """At least 20 points above the same network from scratch, all of it trained, for as many epochs."""
    try:
        weights = pretrained_file("efficientnet-lite0")
    except WeightsError as error:
        return True, f"not tried: {error}"
    drawn = gallery.make("transfer-emoji")
    frozen = frozenset(node.id for node in drawn.main.nodes.values() if node.frozen)
    epochs = drawn.settings.epochs
    with tempfile.TemporaryDirectory() as folder:
        head, kept = trained(drawn, seed, epochs, weights, Path(folder) / "head")
        unfrozen = annealed(thawed(drawn, frozenset(LAST)), 0.001)
        tuned, _ = trained(unfrozen, seed, UNFROZEN_EPOCHS, kept, None)
    scratch, _ = trained(annealed(thawed(drawn, frozen), 0.002), seed, epochs + UNFROZEN_EPOCHS, None, None)
    words = f"accuracy {head:.3f} with a new head, {tuned:.3f} unfrozen, {scratch:.3f} from scratch"
    return tuned >= scratch + GAIN, f"{words}; at least {GAIN:.2f} more"


def bert(seed: int) -> tuple[bool, str]:
    """More accurate on labelled definitions than without the run that found hidden words."""
    drawn = gallery.make("bert-classifier")
    kept = Path(_words_found().name) / "words" / "checkpoints" / "last.safetensors"
    tuned, _ = trained(drawn, seed, drawn.settings.epochs, kept, None)
    scratch, _ = trained(drawn, seed, drawn.settings.epochs, None, None)
    return tuned > scratch, f"accuracy {tuned:.3f} after hidden words, {scratch:.3f} from scratch"


@functools.cache
def _words_found() -> tempfile.TemporaryDirectory[str]:
    """A folder with a run that found hidden words: one for all seeds, as one network is tuned many times."""
    folder = tempfile.TemporaryDirectory(prefix="hidden-words-")
    before = gallery.make("bert-definitions")
    trained(before, 0, before.settings.epochs, None, Path(folder.name) / "words")
    return folder


def trained(
    project: Project, seed: int, epochs: int, start: Path | None, folder: Path | None
) -> tuple[float, Path | None]:
    """The accuracy after the last epoch, and the last weights where a folder is given."""
    seen: list[Validated] = []

    def sink(event: Event) -> None:
        if isinstance(event, Validated):
            seen.append(event)

    finished = Run(project, seed=seed, epochs=epochs, start=start, folder=folder).execute(sink)
    assert finished.status == "completed", finished.message
    kept = None if folder is None else folder / "checkpoints" / "last.safetensors"
    return seen[-1].metrics["accuracy"], kept


def thawed(project: Project, names: frozenset[str]) -> Project:
    """The same with these nodes unfrozen."""
    nodes = {
        key: msgspec.structs.replace(node, frozen=node.frozen and key not in names)
        for key, node in project.main.nodes.items()
    }
    main = msgspec.structs.replace(project.main, nodes=nodes)
    return msgspec.structs.replace(project, graphs={**project.graphs, MAIN: main})


def annealed(project: Project, rate: float) -> Project:
    """The same with this learning rate, which falls along half a cosine."""
    project = edits.set_param(project, MAIN, "objective", "learning_rate", rate)
    return edits.set_param(project, MAIN, "objective", "schedule", "cosine")
