"""Functions of one or two numbers, with noise: lines, parabolas, cubics and exponentials to fit.

Made from the seed, so that the same project always sees the same samples. Powers of x can go in, so that a
layer without a bend fits a polynomial by its coefficients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nodes.data_sets.declaration import DataSetDeclaration, split_param
from nodes.data_sets.points import PlanePoints
from nodes.param import Floats, Int
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet

USUAL_COUNT = 200


class SampledFunction(DataSetDeclaration):
    """What the functions share. A set says how many numbers go in and what comes out of them."""

    kind = "table"
    licence = "generated"
    place = 25
    usual: ClassVar[tuple[float, ...]] = ()
    """The coefficients where none are given."""
    names: ClassVar[tuple[str, ...]] = ("x",)
    reach: ClassVar[float] = 2.0

    coefficients = Floats(
        (),
        help="Line: slope, intercept; powers: highest first; exponential: α, β, C. Empty: the usual ones.",
    )
    noise = PlanePoints.params["noise"]
    split = split_param()

    def value(self, inputs: NDArray[np.float64], coefficients: tuple[float, ...]) -> NDArray[np.float64]:
        """The function of inputs (n, numbers): values (n)."""
        raise NotImplementedError(f"{self.title} has no values")

    def features(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """What goes in of inputs (n, numbers)."""
        return inputs

    def columns(self) -> tuple[str, ...]:
        """The names of what goes in."""
        return self.names

    def chosen(self) -> tuple[float, ...]:
        """The coefficients. Raises `DataError` where there are too few or too many."""
        given = tuple(self.coefficients)
        if given and len(given) != len(self.usual):
            raise DataError(
                f"coefficients: Expected {len(self.usual)} numbers for {self.title}, or none. "
                f"Received {len(given)}."
            )
        return given or self.usual

    def describe(self) -> DataInfo:
        self.chosen()
        columns = self.columns()
        count = max(2, self.samples or USUAL_COUNT)
        return self.info(
            samples=count,
            input=TensorSpec((N, len(columns))),
            target=TensorSpec((N, 1)),
            columns=columns,
        )

    def load(self, seed: int) -> DataSet:
        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        info, rng = self.describe(), np.random.default_rng(seed)
        inputs = rng.uniform(-self.reach, self.reach, (info.samples, len(self.names)))
        values = self.value(inputs, self.chosen())
        strayed = values + rng.normal(0, 1, len(values)) * self.noise * values.std()
        features = self.features(inputs).astype(np.float32)
        targets = strayed[:, None].astype(np.float32)
        parts = self.divided(len(features), seed)
        scaling = split.scaling(features[parts.train], self.scaling_or("none"))
        train, held = (
            DataSplit(ArrayRows(features[part]), ArrayRows(targets[part]), scaling, places=part)
            for part in (parts.train, parts.validation)
        )
        return DataSet(info, train, held, division=parts.sentence)

    def card_label(self) -> str:
        return f"{self.samples or USUAL_COUNT:,} · noise {self.noise:g}"


class Polynomial(SampledFunction):
    """What polynomials share: powers of x can go in."""

    coefficients = SampledFunction.params["coefficients"]
    powers = Int(
        1, min=1, max=8, help="Powers of x that go in: 1: x; 3: x, x² and x³, whose weights are coefficients."
    )

    def value(self, inputs: NDArray[np.float64], coefficients: tuple[float, ...]) -> NDArray[np.float64]:
        import numpy as np

        return np.asarray(np.polyval(coefficients, inputs[:, 0]), np.float64)

    def features(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.concatenate([inputs**power for power in range(1, self.powers + 1)], axis=1)

    def columns(self) -> tuple[str, ...]:
        return tuple("x" if power == 1 else f"x^{power}" for power in range(1, self.powers + 1))


class LineFunction(Polynomial):
    """Line."""

    name = "function-line"
    title = "Line"
    description = "Values on a line, y = 2x + 1, that stray as much as the noise says: what one neuron fits."
    usual = (2.0, 1.0)


class ParabolaFunction(Polynomial):
    """Parabola."""

    name = "function-parabola"
    title = "Parabola 2x² + 3"
    description = "Values of 2x² + 3: a layer without a bend cannot fit them unless x² goes in."
    usual = (2.0, 0.0, 3.0)


class CubicFunction(Polynomial):
    """Cubic."""

    name = "function-cubic"
    title = "Cubic"
    description = "Values of x³ − 2x² − x + 1: four coefficients; with few samples, larger networks overfit."
    usual = (1.0, -2.0, -1.0, 1.0)


class ExponentialFunction(SampledFunction):
    """Exponential."""

    name = "function-exponential"
    title = "Exponential of a sum"
    description = "Values of exp(αx₀ + βx₁ + C), usually with α = 1, β = −1, C = 0.5: two numbers go in."
    usual = (1.0, -1.0, 0.5)
    names = ("x0", "x1")
    reach = 1.0

    def value(self, inputs: NDArray[np.float64], coefficients: tuple[float, ...]) -> NDArray[np.float64]:
        import numpy as np

        exponent = inputs @ np.array(coefficients[:2]) + coefficients[2]
        if np.abs(exponent).max(initial=0) > 80:
            raise DataError(
                "coefficients: Expected an exponent that single precision can hold, up to 80. "
                f"Received {float(np.abs(exponent).max()):g}."
            )
        return np.asarray(np.exp(exponent))
