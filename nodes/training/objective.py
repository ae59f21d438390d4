"""The objective: which loss is made smaller, by changing which weights, with which optimiser, how often.

Data only. What an optimiser or a schedule does with these numbers is the run's business; each parameter
says in its help what it means, so that a form and the run agree.
"""

from __future__ import annotations

from nodes.param import Bool, Choice, Float, Floats, Int, Paths
from nodes.spec import Family, Inputs, Layer, LayerError, Port, Role, SetParam, TensorSpec

OPTIMISERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "muon": "Muon",
    "lbfgs": "LBFGS",
}
"""Names in the file and in the field."""


MOMENTS = {
    "sgd": ("momentum",),
    "adam": ("mean", "square"),
    "adamw": ("mean", "square"),
    "nadam": ("mean", "square"),
    "rmsprop": ("square",),
    "adagrad": ("sum",),
    "muon": ("mean", "square"),
    "lbfgs": ("direction", "gradient"),
}
"""What each optimiser remembers of every weight between steps, at most; LBFGS its history besides."""

BETAS = ("adam", "adamw", "nadam", "muon")


class Objective(Layer):
    """Makes a loss smaller by updating weights. Several wires into `loss` are added up.

    By default it updates every weight upstream of its loss; what it does not update is held constant while
    gradients flow through it. Objectives act in the order of `order` within each step.

    SGD steps along the gradient, with momentum (Polyak, 1964; Nesterov, 1983). Adam (Kingma and Ba, 2015)
    scales each step by running means of the gradient and of its square; AdamW (Loshchilov and Hutter, 2019)
    keeps weight decay out of them; NAdam (Dozat, 2016) looks ahead along the mean. RMSprop (Tieleman and
    Hinton, 2012) uses the square alone, Adagrad (Duchi et al., 2011) the sum of all squares so far. Muon
    (Jordan et al., 2024) makes the momentum of each matrix orthogonal, at a rate that suits AdamW, which
    updates everything else. LBFGS (Nocedal, 1980) guesses the curvature from its last updates and searches
    along each line: for large batches of small problems, with a rate near 1.

    Schedules: `step` multiplies the rate by `gamma` every `step_epochs` epochs; `cosine` lowers it along
    half a cosine to `final_share` of itself (Loshchilov and Hutter, 2017); `one_cycle` raises it from 1/25
    for the first `warmup_share` of the run, then lowers it to `final_share` (Smith, 2018); `plateau`
    multiplies it by `gamma` when the validation loss has not fallen for `step_epochs` epochs.
    """

    family = Family.OBJECTIVE
    role = Role.OBJECTIVE
    aliases = (
        "train",
        "training",
        "optimizer",
        "optimiser",
        "minimise",
        "minimize",
        "gradient descent",
        "backpropagation",
        "adam",
        "adamw",
        "sgd",
        "nadam",
        "rmsprop",
        "adagrad",
        "muon",
        "lbfgs",
        "quasi-newton",
        "learning rate",
        "schedule",
    )
    inputs = (Port("loss", "scalar to be minimised", ranks=(0,), variadic=True),)
    outputs = ()

    optimiser = Choice(
        "adam", choices=tuple(OPTIMISERS), titles=OPTIMISERS, help="How gradients become updates."
    )
    learning_rate = Float(1e-3, min=0.0, max=1e3, log=True, help="Size of each update.")
    momentum = Float(
        0.9,
        min=0.0,
        max=1.0,
        help="Share of the last update that is kept.",
        visible_if=("optimiser", ("sgd", "muon")),
    )
    nesterov = Bool(
        False, advanced=True, help="Look ahead along the momentum.", visible_if=("optimiser", ("sgd",))
    )
    beta1 = Float(
        0.9,
        min=0.0,
        max=0.999999,
        advanced=True,
        label="β₁",
        help="Share of the running mean of gradients that is kept at each update.",
        visible_if=("optimiser", BETAS),
    )
    beta2 = Float(
        0.999,
        min=0.0,
        max=0.999999,
        advanced=True,
        label="β₂",
        help="Share of the running mean of squared gradients that is kept at each update.",
        visible_if=("optimiser", BETAS),
    )
    smoothing = Float(
        0.99,
        min=0.0,
        max=0.999999,
        advanced=True,
        help="Share of the running mean of squared gradients that is kept at each update.",
        visible_if=("optimiser", ("rmsprop",)),
    )
    epsilon = Float(
        1e-8,
        min=1e-16,
        max=1.0,
        log=True,
        advanced=True,
        help="Added to the divisor, so that it is never zero.",
        visible_if=("optimiser", (*BETAS, "rmsprop", "adagrad")),
    )
    history = Int(
        10, min=1, max=1000, help="Past updates it learns from.", visible_if=("optimiser", ("lbfgs",))
    )
    iterations = Int(
        20,
        min=1,
        max=1000,
        help="Updates on one batch, at most; the loss is evaluated at least as often.",
        visible_if=("optimiser", ("lbfgs",)),
    )
    weight_decay = Float(0.0, min=0.0, max=10.0, help="Pull of every weight towards zero.")
    clip_norm = Float(
        0.0, min=0.0, zero="no limit", help="Longest gradient allowed (global norm); 0: no limit."
    )
    schedule = Choice(
        "constant",
        choices=("constant", "step", "cosine", "one_cycle", "plateau"),
        titles={"one_cycle": "one cycle"},
        help="How the learning rate changes during the run.",
    )
    step_epochs = Int(
        10,
        min=1,
        help="Epochs between two reductions, or of patience.",
        visible_if=("schedule", ("step", "plateau")),
    )
    gamma = Float(
        0.1, min=0.0, max=1.0, help="Factor of each reduction.", visible_if=("schedule", ("step", "plateau"))
    )
    warmup_share = Float(
        0.3,
        min=0.0,
        max=1.0,
        help="Share of the run in which the rate rises.",
        visible_if=("schedule", ("one_cycle",)),
    )
    warmup_steps = Int(
        0, min=0, advanced=True, zero="none", help="Steps in which the rate rises from 0 in a straight line."
    )
    final_share = Float(
        0.0,
        min=0.0,
        max=1.0,
        advanced=True,
        help="Share of the learning rate that is left at the end.",
        visible_if=("schedule", ("cosine", "one_cycle")),
    )
    weights = Floats(
        (),
        per="loss",
        label="Loss weights",
        help="Factor of each loss, in the order of the wires; missing: 1.",
    )
    updates = Paths("", help="Paths it updates, separated by commas; empty: all upstream.")
    rate_factors = Paths(
        "",
        form="rates",
        advanced=True,
        help="Other learning rates for parts, as `path: factor`, separated by commas.",
    )
    every = Int(1, min=1, advanced=True, help="Acts at every n-th step.")
    times = Int(
        1, min=1, max=1000, advanced=True, help="Updates to one of the others', each on a fresh batch."
    )
    accumulate = Int(
        1, min=1, max=100_000, advanced=True, help="Batches whose gradients are averaged for one update."
    )
    ema = Float(
        0.0,
        min=0.0,
        max=0.999999,
        advanced=True,
        zero="off",
        label="EMA of weights",
        help="Share of a running mean of the weights that is kept at each update; samplers use the mean.",
    )
    order = Int(0, min=-1000, max=1000, advanced=True, help="Lower acts earlier within a step.")

    def card_label(self) -> str:
        return f"{OPTIMISERS[self.optimiser]} · {_rate(self.learning_rate)}"

    def example_inputs(self) -> Inputs:
        return ((TensorSpec(()),),)

    def check(self, *_losses: TensorSpec) -> None:
        """An optimiser that evaluates its loss again does so on one batch, at one rate."""
        if not self.evaluates_again:
            return
        name = OPTIMISERS[self.optimiser]
        if self.accumulate > 1:
            raise LayerError(
                f"to accumulate 1 batch with {name}, which evaluates its loss several times on one",
                f"{self.accumulate:,}",
                fixes=(SetParam("accumulate", 1),),
            )
        if self.rate_factors.strip():
            raise LayerError(
                f"no rate factors with {name}, which searches along one line for all weights",
                repr(self.rate_factors),
                fixes=(SetParam("rate_factors", ""),),
            )

    @property
    def evaluates_again(self) -> bool:
        """Whether its optimiser asks for the loss several times within one update."""
        return self.optimiser == "lbfgs"

    def moments(self) -> tuple[str, ...]:
        """What its optimiser remembers of every weight between steps; SGD without momentum nothing."""
        if self.optimiser == "lbfgs":
            return MOMENTS["lbfgs"] + ("step", "change") * self.history
        return () if self.optimiser == "sgd" and not self.momentum else MOMENTS[self.optimiser]


def _rate(value: float) -> str:
    """`2e-3` rather than 0.002: learning rates are compared by their power of ten."""
    if value == 0 or value >= 0.1:
        return f"{value:g}"
    digits, exponent = f"{value:.2e}".split("e")
    return f"{float(digits):g}e{int(exponent)}"
