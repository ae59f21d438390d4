"""What a pupil does in each lesson, step by step: first something wrong where a step can be got wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.app.lessons.pupil import Pupil

Act = Callable[[Pupil], None]


def read(_pupil: Pupil) -> None:
    """Nothing to do but to read."""


def answers(*right: str, wrong: str = "") -> Act:
    """Type or choose these answers; the wrong one first, which is told kindly and blocks nothing."""

    def act(pupil: Pupil) -> None:
        if wrong:
            pupil.answer(0, wrong)
            assert not pupil.is_done()
            assert pupil.sentences()[0].startswith("Not yet")
            assert pupil.panel.skip.isVisible() or not pupil.panel.next.isEnabled()
        for place, words in enumerate(right):
            pupil.answer(place, words)

    return act


def _threshold(pupil: Pupil) -> None:
    pupil.select("unit")
    pupil.set("threshold", "2.5")
    assert not pupil.is_done()
    pupil.set("threshold", "1")


def _inhibitory(pupil: Pupil) -> None:
    pupil.select("unit")
    pupil.set("weights", "1 -1")
    pupil.answer(1, "0")


def _to_xor(pupil: Pupil) -> None:
    pupil.select("data")
    pupil.set("dataset", "XOR table")
    pupil.play()


def _hidden(pupil: Pupil) -> None:
    pupil.drop_between("linear", "data", "linear")
    pupil.set("out_features", "4")
    pupil.set("activation", "tanh")


def _seventeen(pupil: Pupil) -> None:
    pupil.delete("linear2", heal=True)
    pupil.select("linear1")
    pupil.set("out_features", "3")


def _large_again(pupil: Pupil) -> None:
    pupil.select("linear1")
    pupil.set("out_features", "32")
    pupil.drop_between("linear", "linear1", "linear3")
    pupil.set("out_features", "32")
    pupil.set("activation", "tanh")
    pupil.play()


def rate(value: str) -> Act:
    def act(pupil: Pupil) -> None:
        pupil.select("objective")
        pupil.set("learning_rate", value)
        pupil.play()

    return act


def _batch_of_eight(pupil: Pupil) -> None:
    pupil.set_run("batch_size", "8")
    pupil.play()


def _curve(pupil: Pupil) -> None:
    pupil.drop_between("linear", "data", "linear")
    pupil.set("out_features", "16")
    pupil.set("activation", "tanh")
    pupil.play()


def kernel(size: str, padding: str) -> Act:
    def act(pupil: Pupil) -> None:
        pupil.select("conv1")
        pupil.set("kernel_size", size)
        pupil.set("padding", padding)

    return act


def _size_by_hand(pupil: Pupil) -> None:
    answers("4", wrong="5")(pupil)
    kernel("5", "0")(pupil)


def _maps(pupil: Pupil) -> None:
    pupil.play()
    pupil.show_in_node("conv1")


def _without_flatten(pupil: Pupil) -> None:
    pupil.delete("flatten", heal=True)


def _with_flatten(pupil: Pupil) -> None:
    pupil.drop_between("flatten", "pool2", "linear1")


def _accurate(pupil: Pupil) -> None:
    pupil.play(until=pupil.is_done)


def _narrow(pupil: Pupil) -> None:
    pupil.enter("encode")
    pupil.select("linear2")
    pupil.set("out_features", "2")
    pupil.play(until=pupil.is_done)


def _no_memory(pupil: Pupil) -> None:
    pupil.delete("lstm", heal=True)
    pupil.drop_between("flatten", "data", "linear")
    pupil.play()


def _causal(pupil: Pupil) -> None:
    pupil.select("attention")
    pupil.set("causal")
    pupil.play(until=pupil.is_done)


def _weak_critic(pupil: Pupil) -> None:
    pupil.enter("judge_real")
    for node in ("linear1", "linear2"):
        pupil.select(node)
        pupil.set("out_features", "2")
    pupil.play(until=pupil.is_done)


def play(pupil: Pupil) -> None:
    pupil.play()


WALKS: Mapping[str, tuple[Act, ...]] = {
    "lesson-threshold-unit": (read, answers("0", "1", wrong="1"), _threshold, _inhibitory, read),
    "lesson-perceptron": (read, answers("0.1", wrong="1"), play, _to_xor, answers("3", wrong="4")),
    "lesson-xor": (read, play, _hidden, play, answers("17", wrong="12")),
    "lesson-parameters": (read, answers("5", "17", "71", wrong="4"), _seventeen, play, _large_again),
    "lesson-learning-rate": (
        read,
        rate("0.0001"),
        rate("0.01"),
        answers("12", wrong="11"),
        _batch_of_eight,
    ),
    "lesson-overfitting": (read, play, _curve, answers("overfitting", wrong="underfitting")),
    "lesson-convolution": (read, answers("4", wrong="3"), _size_by_hand, kernel("3", "1"), _maps),
    "lesson-lenet": (read, answers("156", wrong="150"), _without_flatten, _with_flatten, _accurate),
    "lesson-autoencoder": (
        read,
        answers("24.5", wrong="20"),
        _accurate,
        _narrow,
        answers("The narrow place lets less through", wrong="The labels are missing"),
    ),
    "lesson-sequences": (
        read,
        play,
        _no_memory,
        answers("It keeps the old state", wrong="It deletes the old state"),
    ),
    "lesson-attention": (
        read,
        answers("16", "4", wrong="64"),
        _causal,
        _causal,
        answers("more surprising", wrong="shorter"),
    ),
    "lesson-gan": (
        read,
        answers("the generator's", "discriminator_objective", wrong="both"),
        _accurate,
        answers("1.386", wrong="1"),
        _weak_critic,
    ),
}
"""The acts by the name of the lesson in the gallery, one for each step."""


def walk(pupil: Pupil, acts: tuple[Act, ...]) -> None:
    """Take a lesson from its first step to its last; each is done by what the pupil does, or skipped."""
    steps = pupil.panel.state.lesson.steps
    assert len(steps) == len(acts)
    for place, act in enumerate(acts):
        assert pupil.step == place
        act(pupil)
        if steps[place].checks:
            pupil.wait_done()
        if place + 1 < len(acts) or not steps[place].checks:
            pupil.go_on()
    if pupil.trains:
        assert pupil.panel.state.done == frozenset(range(len(acts)))
        assert pupil.panel.next.text() == "Finished"
