"""Full-size networks have exactly the parameters that were published, and the multiply-adds within 2 %.

Parameters are counted by inference over the drawing and by torch layers written by hand; each case names its
source and what it counts. Running means and variances of batch norm are no parameters here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from engine.document import edits
from engine.document.project import MAIN, Project
from engine.infer import infer
from tests.gallery import by_hand_networks as hand
from tests.gallery.held import project, report


@dataclass(frozen=True)
class Published:
    """Parameters and multiply-adds of one picture, as `source` has them by the `convention`."""

    parameters: int
    multiply_adds: float
    source: str
    convention: str
    by_hand: Callable[..., Any]
    given: tuple[Any, ...] = ()


CASES = {
    "alexnet": Published(
        62_378_344, 1.135e9, "Krizhevsky et al. (2012), table of layers",
        "one tower without groups, 227×227; grouped below", hand.alexnet,
    ),
    "vgg16": Published(
        138_357_544, 15.5e9, "Simonyan and Zisserman (2015), net D; torchvision vgg16",
        "with biases, 224×224", hand.vgg, (2, 2, 3, 3, 3),
    ),
    "vgg19": Published(
        143_667_240, 19.6e9, "Simonyan and Zisserman (2015), net E; torchvision vgg19",
        "with biases, 224×224", hand.vgg, (2, 2, 4, 4, 4),
    ),
    "resnet18": Published(
        11_689_512, 1.81e9, "He et al. (2016); torchvision resnet18",
        "option B: projections where shapes differ, 224×224", hand.resnet, ((2, 2, 2, 2), False),
    ),
    "resnet50": Published(
        25_557_032, 4.09e9, "He et al. (2016); torchvision resnet50",
        "the stride stands in the 3×3 convolution (v1.5), 224×224", hand.resnet, ((3, 4, 6, 3), True),
    ),
    "resnet152": Published(
        60_192_808, 11.5e9, "He et al. (2016); torchvision resnet152",
        "the stride stands in the 3×3 convolution (v1.5), 224×224", hand.resnet, ((3, 8, 36, 3), True),
    ),
    "googlenet": Published(
        13_378_280, 1.586e9, "Szegedy et al. (2015), table 1; Caffe's bvlc_googlenet",
        "with both heads, biases and no batch norm, 224×224; its table says 34 M for the first row, which "
        "has 118 M: 1.502 G + 0.084 G, without the heads", hand.googlenet, (True,),
    ),
    "inception-v3": Published(
        27_161_264, 5.71e9, "Szegedy et al. (2016); torchvision inception_v3",
        "with the auxiliary head, 299×299", hand.inception_v3, (True,),
    ),
    "xception": Published(
        22_855_952, 8.4e9, "Chollet (2017); Keras Xception, trainable parameters",
        "Keras adds 54,528 moving means and variances, 299×299", hand.xception,
    ),
    "inception-resnet-v2": Published(
        55_843_464, 13.18e9, "Szegedy et al. (2017); timm inception_resnet_v2",
        "batch norm with factors; Keras without them, with moving statistics: 55,873,736",
        hand.inception_resnet_v2,
    ),
    "vit-b16": Published(
        86_567_656, 17.58e9, "Dosovitskiy et al. (2021); torchvision vit_b_16, timm vit_base_patch16_224",
        "with the head of 1,000 classes, 224×224", hand.vit,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_parameters_and_multiply_adds_are_as_published(name: str) -> None:
    case, found = CASES[name], report(name)
    assert found.parameters == found.trainable_parameters == case.parameters, case.source
    assert hand.weights_of(case.by_hand, *case.given) == case.parameters
    assert found.multiply_adds == pytest.approx(case.multiply_adds, rel=0.02), case.convention


def test_alexnet_in_two_groups_has_the_counts_of_its_paper() -> None:
    """60,965,224 parameters ("60 million") and 0.724 G multiply-adds (Caffe's bvlc_alexnet)."""
    drawing = project("alexnet")
    for conv in ("conv2", "conv4", "conv5"):
        drawing = edits.set_param(drawing, MAIN, conv, "groups", 2)
    found = infer(drawing)
    assert found.parameters == 60_965_224
    assert found.multiply_adds == pytest.approx(0.724e9, rel=0.02)


def without(name: str, *nodes: str) -> Project:
    return edits.remove_nodes(project(name), MAIN, nodes)


def test_auxiliary_heads_come_on_top() -> None:
    plain = infer(without("googlenet", "head1", "loss1", "head2", "loss2"))
    assert plain.parameters == hand.weights_of(hand.googlenet, False) == 6_998_552
    plain = infer(without("inception-v3", "head", "loss_head"))
    assert plain.parameters == hand.weights_of(hand.inception_v3, False) == 23_834_568


STAGES = {
    "resnet18": {"layer1": 147_968, "layer2": 525_568, "layer3": 2_099_712, "layer4": 8_393_728},
    "resnet50": {"layer1": 215_808, "layer2": 1_219_584, "layer3": 7_098_368, "layer4": 14_964_736},
    "resnet152": {"layer1": 215_808, "layer2": 2_339_840, "layer3": 40_613_888, "layer4": 14_964_736},
    "vgg16": {"stage1": 38_720, "stage2": 221_440, "stage3": 1_475_328, "fc6": 102_764_544},
    "alexnet": {"conv1": 34_944, "conv2": 614_656, "conv3": 885_120, "fc6": 37_752_832},
    "googlenet": {"head1": 3_188_840, "head2": 3_190_888, "inception3a": 163_696},
    "inception-v3": {"mixed5b": 255_904, "head": 3_326_696},
    "unet": {"level1": 37_568, "bottom": 14_157_824, "up1": 143_552},
}
"""Parameters of stages, worked out by hand or as torchvision's modules of these names have them."""


@pytest.mark.parametrize("name", STAGES)
def test_stages_have_their_share(name: str) -> None:
    nodes = report(name).nodes
    assert {stage: nodes[stage].parameters for stage in STAGES[name]} == STAGES[name]


def test_inception_blocks_of_googlenet_cost_what_its_table_says() -> None:
    """All rows but the first and 5a, whose sizes come to 118 M and 51 M where the table has 34 M and 54 M."""
    millions = {"3a": 128, "3b": 304, "4a": 73, "4b": 88, "4c": 100, "4d": 119, "4e": 170, "5b": 71}
    nodes = report("googlenet").nodes
    for block, wanted in millions.items():
        assert nodes[f"inception{block}"].multiply_adds == pytest.approx(wanted * 1e6, rel=0.02), block


def test_unet_is_that_of_2015() -> None:
    """31,030,658 with the paper's two classes (Ronneberger et al., 2015); the drawn scenes have four."""
    drawing = project("unet")
    assert report("unet").parameters == hand.weights_of(hand.unet, 1, 4) == 31_030_788
    two = infer(edits.set_param(drawing, MAIN, "classes", "out_channels", 2))
    assert two.parameters == hand.weights_of(hand.unet, 1, 2) == 31_030_658
    assert str(report("unet").nodes["mirror"].outputs["output"]) == "N×1×572×572"
    assert str(report("unet").outputs["class"]) == "N×4×388×388"


def test_gpt2_is_counted_with_one_tensor_for_embedding_and_head() -> None:
    """124,439,808 (Radford et al., 2019; Hugging Face gpt2): the head has nothing of its own."""
    assert report("gpt2-small").parameters == hand.weights_of(hand.gpt2) == 124_439_808
    nodes = report("gpt2-small").nodes
    assert nodes["table"].parameters == 50_257 * 768
    assert nodes["words"].parameters == nodes["head"].parameters == 0
    assert nodes["layers"].parameters == 12 * 7_087_872


def test_bert_is_counted_without_the_head_that_guesses_words() -> None:
    """109,482,240 with the pooler (Devlin et al., 2019; Hugging Face BertModel); its masked-word head of
    BertForPreTraining, tied to the embeddings, has 622,650 more.
    """
    nodes = report("bert-base").nodes
    body = ("table", "words", "positions", "segments", "norm", "layers", "pooler")
    assert sum(nodes[name].parameters for name in body) == hand.weights_of(hand.bert) == 109_482_240
    assert nodes["transform"].parameters + nodes["head"].parameters == 622_650
    assert report("bert-base").parameters == 109_482_240 + 622_650


def test_transformer_base_has_its_65_million() -> None:
    """“65 × 10⁶” (Vaswani et al., 2017, table 3): 63.1 M where one table of 37,000 tokens serves source,
    target and softmax; the paper's vocabulary is “about 37,000”.
    """
    assert report("transformer-base").parameters == hand.weights_of(hand.transformer) == 63_082_496
    assert report("transformer-base").parameters == pytest.approx(65e6, rel=0.04)
    nodes = report("transformer-base").nodes
    assert nodes["encoder"].parameters == 6 * 3_152_384
    assert nodes["decoder"].parameters == 6 * 4_204_032
    assert nodes["table"].parameters == 37_000 * 512
    assert nodes["source"].parameters == nodes["target"].parameters == nodes["head"].parameters == 0
