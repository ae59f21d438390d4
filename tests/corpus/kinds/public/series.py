"""Series as they are published: prices, weather, long and wide tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from tests.corpus.case import Case, Expected
from tests.corpus.kinds.public.writing import coded
from tests.corpus.kinds.tables_values import some

day0 = datetime(2020, 1, 1, tzinfo=UTC)


def rows(count: int = 200) -> list[tuple[datetime, float]]:
    """Days and a wave."""
    return [(day0 + timedelta(days=i), round(float(10 * np.sin(i / 5)), 3)) for i in range(count)]


CASES = (
    Case(
        "public series",
        "jena: dd.mm.yyyy HH:MM:SS",
        coded(
            '"Date Time","p (mbar)","T (degC)"\n'
            + "".join(
                f"{day0 + timedelta(minutes=10 * i):%d.%m.%Y %H:%M:%S},{996 + i % 7}.5,"
                f"{round(float(np.sin(i / 9)), 2)}\n"
                for i in range(200)
            ),
            "jena.csv",
        ),
        Expected(kind="(table|series)", told=["Which rows validate.*Date Time"]),
    ),
    Case(
        "public series",
        "airline passengers",
        coded(
            '"Month","Passengers"\n'
            + "".join(f'"{1949 + i // 12}-{i % 12 + 1:02}",{112 + i}\n' for i in range(144)),
            "airline.csv",
        ),
        Expected(told=["Month"]),
    ),
    Case(
        "public series",
        "stocks newest first Adj Close",
        coded(
            "Date,Open,High,Low,Close,Adj Close,Volume\n"
            + "".join(
                (
                    f"{d:%Y-%m-%d},{v + 20},{v + 21},{v + 19},{v + 20.5},{v + 20.4},{1000 + i}\n"
                    for i, (d, v) in reversed(list(enumerate(rows())))
                )
            ),
            "AAPL.csv",
        ),
        Expected(told=["Which rows validate.*Date"]),
    ),
    Case(
        "public series",
        "long format id time value",
        coded(
            "unique_id,ds,y\n"
            + "".join((f"s{k},{d:%Y-%m-%d},{v + k}\n" for k in range(3) for d, v in rows(60))),
            "long.csv",
        ),
        Expected(told=["unique_id|ds"], or_told="unique_id"),
    ),
    Case(
        "public series",
        "M4 wide",
        coded(
            '"V1","V2","V3","V4","V5"\n'
            + "".join(f""""Y{i}",{i + 1},{i + 2},{i + 3},{("" if i % 2 else i + 4)}\n""" for i in range(40)),
            "Yearly-train.csv",
        ),
        Expected(told=["V1"], or_told="V5|V1"),
    ),
    Case(
        "public series",
        "UCR tsv label first",
        coded(
            "".join(
                f"{i % 2 + 1}\t" + "\t".join(f"{v:.3f}" for v in some("ucr", i, count=20)) + "\n"
                for i in range(40)
            ),
            "GunPoint_TRAIN.tsv",
        ),
        Expected(samples=40, classes=["1", "2"], or_told="(?s)Which column is to be predicted"),
    ),
    Case(
        "public series",
        "UCR txt spaces exp",
        coded(
            "".join(
                f"  {i % 2 + 1:.7e}  " + "  ".join(f"{v:.7e}" for v in some("ucr", i, count=20)) + "\n"
                for i in range(40)
            ),
            "GunPoint_TRAIN.txt",
        ),
        Expected(samples=40, classes=["1", "2"], or_told="(?s)Which column is to be predicted"),
    ),
    Case(
        "public series",
        "electricity ; comma LD2011",
        coded(
            '"";"MT_001";"MT_002"\n'
            + "".join(
                f'"{day0 + timedelta(minutes=15 * i):%Y-%m-%d %H:%M:%S}";{i % 7},5;{i % 5},25\n'
                for i in range(100)
            ),
            "LD2011.txt",
        ),
        Expected(kind="(table|series)", samples=100, or_told="(?i)column 1"),
    ),
)
