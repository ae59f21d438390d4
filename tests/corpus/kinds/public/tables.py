"""Tables of UCI and Kaggle, in the forms in which they are downloaded there."""

from __future__ import annotations

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.public.writing import AGES, N, columns, comma, cycle, lines
from tests.corpus.kinds.tables_values import COLOURS, X, Y, some, text

_WORK = cycle(["Private", "State-gov", "?", "Self-emp"])
_INCOME = cycle(["<=50K", ">50K", "<=50K"], step=1)
_ADULT = list(zip(AGES, _WORK, cycle(["Male", "Female"]), _INCOME, strict=True))
_TEST = [("|1x3 Cross validator",), *((*row[:3], f"{row[3]}.") for row in _ADULT)]
_MUSHROOMS = list(zip(cycle("pe"), cycle("xbs"), cycle("sy", step=3), cycle("nwyg", step=5), strict=True))
_CARS = list(
    zip(
        cycle(["vhigh", "low"]),
        cycle([2, 3, 4, "5more"]),
        cycle([2, 4, "more"]),
        cycle(["unacc", "acc"], step=3),
        strict=True,
    )
)
_WINE = list(zip(cycle([1, 2, 3]), X, Y, strict=True))
_MPG = "\n".join(
    (
        f'''{y:<7.1f} {x:<6.1f} {("?     " if i % 20 == 3 else f"{a:<6.1f}")}\t"car {i % 9}"'''
        for i, (x, y, a) in enumerate(zip(X, Y, AGES, strict=True))
    )
)
_HOUSING = "\n".join((f" {x:8.5f}  {a:6.2f}  {y:7.2f}" for x, a, y in zip(X, AGES, Y, strict=True)))
_PIXELS = [[0, *(int(v * 25) for v in some("px", i, count=8)), 0] for i in range(N)]
_DIGITS = [[i % 10, *row] for i, row in enumerate(_PIXELS)]
_HEADER = ["label", *(f"pixel{i}" for i in range(10))]
_AIR = [
    f"{10 + i % 20:02}/03/2004;{i % 24:02}.00.00;{comma(x, 1) if i % 7 else '-200'};"
    f"{800 + i * 13 % 400};{comma(y, 1)};;"
    for i, (x, y) in enumerate(zip(X, Y, strict=True))
]
_NAMES = [f'"Smith, Mr. {i} ""Jack"""' for i in range(N)]
_TITANIC = columns(
    {
        "PassengerId": range(1, N + 1),
        "Survived": cycle([0, 1, 0]),
        "Name": _NAMES,
        "Sex": cycle(["male", "female"]),
        "Age": ["" if i % 6 == 5 else a for i, a in enumerate(AGES)],
        "Cabin": ["C85" if i % 9 == 0 else "" for i in range(N)],
        "Fare": X,
        "Embarked": cycle("SCQ"),
    },
    name="train.csv",
)
_CHURN = columns(
    {
        "customerID": [f"{7590 + i}-VHVEG" for i in range(N)],
        "SeniorCitizen": cycle([0, 1, 0]),
        "tenure": AGES,
        "TotalCharges": [" " if i % 15 == 0 else x for i, x in enumerate(X)],
        "Churn": cycle(["No", "No", "Yes"]),
    }
)
_PLAY = columns(
    {
        "App": [f"App {i}" for i in range(N)],
        "Installs": [f'"{(1, 10, 100)[i % 3]},000+"' for i in range(N)],
        "Size": [
            "Varies with device" if i % 10 == 0 else f"{x:.1f}M" if i % 2 else f"{x * 10:.0f}k"
            for i, x in enumerate(X)
        ],
        "Price": ["0" if i % 4 else f"${x:.2f}" for i, x in enumerate(X)],
        "Rating": ["NaN" if i % 11 == 0 else y for i, y in enumerate(Y)],
    }
)
_IRIS = columns(
    {"Id": range(1, N + 1), "SepalLengthCm": X, "Species": [f"Iris-{c}" for c in COLOURS]}, name="Iris.csv"
)
_UNNAMED = columns({"": range(N), "Unnamed: 0": range(N), "x": X, "y": Y})
_FRAUD = columns(
    {
        "Time": [float(i // 2) for i in range(N)],
        "V1": X,
        "Class": [f'"{int(i % 15 == 0)}"' for i in range(N)],
    },
    name="creditcard.csv",
)
_LETTER_ROWS = {"x": some("letters", count=520), "label": [i % 26 for i in range(520)]}
_LETTERS = columns(_LETTER_ROWS, name="letters.csv")
_CANCER = columns(
    {
        "id": [842302 + 7 * i for i in range(N)],
        "diagnosis": cycle("MB"),
        "radius_mean": X,
        "Unnamed: 32": [""] * N,
    }
)
_COVID = lines(
    [
        ["Province/State", "Country/Region", "Lat", "1/22/20", "1/23/20", "1/24/20"],
        *(
            ["" if i % 3 else "Hubei", ("China", '"Korea, South"', "Italy")[i % 3], x, i, i + 2, 2 * i]
            for i, x in enumerate(X)
        ),
    ]
)
_RATINGS = text(
    "\n".join(f"{1 + i % 9}::{1193 + i * 7 % 50}::{1 + i % 5}::{978300760 + 17 * i}" for i in range(N))
    + "\n",
    "ratings.dat",
)
_SALES = columns({"month": [f"{i % 12 + 1:02}.20{10 + i // 12}" for i in range(N)], "x": X, "y": Y})

CASES = (
    Case(
        "public tables",
        "adult.data: spaces after commas, ? as a word",
        lines(_ADULT, ", ", "adult.data"),
        Expected(samples=N, classes=["<=50K", ">50K"], columns={0: AGES}, targets=_INCOME, or_told="\\?"),
    ),
    Case(
        "public tables",
        "adult.test: a line above, points behind the classes",
        lines(_TEST, ", ", "adult.test"),
        Expected(samples=N, classes=["<=50K.", ">50K."], columns={0: AGES}),
    ),
    Case(
        "public tables",
        "mushroom: letters alone, the class first",
        lines(_MUSHROOMS, ",", "agaricus-lepiota.data"),
        Expected(samples=N, classes=["e", "p"], or_told="Which column is to be predicted"),
    ),
    Case(
        "public tables",
        "car: words and 5more",
        lines(_CARS, ",", "car.data"),
        Expected(samples=N, classes=["acc", "unacc"]),
    ),
    Case(
        "public tables",
        "wine: the class first, no names",
        lines(_WINE, ",", "wine.data"),
        Expected(samples=N, classes=["1", "2", "3"], or_told="Which column is to be predicted.*column"),
    ),
    Case(
        "public tables",
        "auto-mpg: spaces, a tab, quoted names",
        text(_MPG + "\n", "auto-mpg.data"),
        Expected(samples=N - 3, or_told="column 3|line"),
    ),
    Case(
        "public tables",
        "housing: columns of spaces, a space before",
        text(_HOUSING + "\n", "housing.data"),
        Expected(
            samples=N, columns={0: X, 1: AGES}, targets=[float(f"{y:.2f}") for y in Y], tolerance=0.0001
        ),
    ),
    Case(
        "public tables",
        "digits: the label first, no names, black edges",
        lines(_DIGITS, ",", "mnist_train.csv"),
        Expected(
            samples=N,
            classes=[str(i) for i in range(10)],
            or_told="(?s)Which column is to be predicted.*taken: column 1",
        ),
    ),
    Case(
        "public tables",
        "digits: the column label first",
        lines([_HEADER, *_DIGITS], ",", "train.csv"),
        Expected(
            samples=N, classes=[str(i) for i in range(10)], or_told="Which column is to be predicted.*label"
        ),
    ),
    Case(
        "public tables",
        "air quality: -200 for nothing, decimal commas, ;; at the end",
        text(
            "Date;Time;CO(GT);PT08.S1(CO);T;;\n" + "\n".join(_AIR) + "\n" + ";;;;;;\n" * 3,
            "AirQualityUCI.csv",
        ),
        Expected(kind="table", samples=N, told=["CO\\(GT\\).*-200|-200.*CO\\(GT\\)"]),
    ),
    Case(
        "public tables",
        "titanic",
        _TITANIC,
        Expected(kind="table", or_told="Which column is to be predicted.*Survived"),
    ),
    Case(
        "public tables",
        "churn: a space for nothing",
        _CHURN,
        Expected(samples=N - 4, classes=["No", "Yes"], told=["TotalCharges"]),
    ),
    Case(
        "public tables",
        "play store: 10,000+, 19M, $4.99",
        _PLAY,
        Expected(told=["Installs", "Size", "Price"], or_told="Size"),
    ),
    Case(
        "public tables",
        "iris with Id and Species",
        _IRIS,
        Expected(
            samples=N, classes=["Iris-blue", "Iris-green", "Iris-red"], told=["Does Id tell|Id.*not used"]
        ),
    ),
    Case(
        "public tables",
        "Unnamed: 0 and a column without a name",
        _UNNAMED,
        Expected(
            samples=N, columns={"x": X}, targets=Y, told=["Unnamed: 0.*counts|Unnamed: 0.*name the rows"]
        ),
    ),
    Case(
        "public tables",
        "quoted classes 0 and 1",
        _FRAUD,
        Expected(samples=N, classes=["0", "1"], columns={"V1": X}),
    ),
    Case(
        "public tables",
        "26 numbered letters in a column label",
        _LETTERS,
        Expected(samples=520, classes=[str(i) for i in range(26)], or_told="Is label a class or a number"),
    ),
    Case(
        "public tables",
        "cancer: the class after the identifiers, an empty last column",
        _CANCER,
        Expected(samples=N, classes=["B", "M"], or_told="Which column is to be predicted.*diagnosis"),
    ),
    Case(
        "public tables",
        "days as names of columns",
        _COVID,
        Expected(samples=N, columns={"Lat": X}, or_told="1/2[234]/20"),
    ),
    Case("public tables", "ratings parted by ::", _RATINGS, Expected(refused="one column alone")),
    Case(
        "public tables",
        "months as 01.2010",
        _SALES,
        Expected(samples=N, columns={"x": X}, targets=Y, told=["month"]),
    ),
)
