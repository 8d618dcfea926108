"""Reports made by hand: times and versions are fixed, so the renderings are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from gradcheck.bounds import EXACT, Bound
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.discrepancy import Discrepancy
from gradcheck.events import (
    CasesChecked,
    Event,
    LayerFinished,
    LayerStarted,
    RunFinished,
    RunStarted,
)
from gradcheck.finding import Crash, Doubt, Failure, Note
from gradcheck.report import Certificate, Comparison, Coverage, LayerReport, Power, RunReport
from gradcheck.verdict import Verdict

VERSIONS = {"gradcheck": "0.1.0", "python": "3.11.14", "numpy": "2.4.6", "torch": "2.13.0+cpu"}
ROUNDS = Bound(8.9e-16, "a sum of 27 products in float64")
CASE = Case(
    config=Config(stride=(2, 1), padding=(0, 1), dilation=(1, 1), groups=1),
    shapes={"x": (2, 3, 8, 7), "weight": (4, 3, 3, 2), "bias": None, "output": (2, 4, 3, 8)},
    seed=7,
)


def comparison(wrt: str, column: str, dtype: str = "float64", worst: float = 0.0) -> Comparison:
    rounds = column != "backward/differences"
    return Comparison(
        wrt=wrt,
        column=column,
        dtype=dtype,
        worst=worst,
        ulps=worst / 2.2e-16,
        bound=ROUNDS if rounds else EXACT,
        power=None if wrt == "output" else 1.1e-16,
        regimes=("exact",),
        cases=200,
    )


def comparisons(*wrong: str) -> Iterator[Comparison]:
    for dtype in ("float64", "float32"):
        yield comparison("output", "backward/autograd", dtype, 4.4e-16)
        for wrt in ("x", "weight", "bias"):
            if wrt not in wrong:
                yield comparison(wrt, "backward/differences", dtype)
                yield comparison(wrt, "backward/autograd", dtype, 3.1e-16)
            yield comparison(wrt, "differences/autograd", dtype)


def passing() -> LayerReport:
    return LayerReport(
        layer="conv2d",
        spec="conv2d",
        origin="gradcheck 0.1.0",
        verdict=Verdict.PASS,
        reason="200 cases agree",
        cases=200,
        regimes={"exact": 150, "rounding": 12, "certified": 38},
        comparisons=tuple(comparisons()),
        certificate=Certificate(miss=9.5e-7, bar=2.1e-11),
        power=tuple(
            Power(wrt=wrt, dtype=dtype, value=value)
            for dtype, value in (("float64", 1.1e-16), ("float32", 6e-8))
            for wrt in ("x", "weight", "bias")
        ),
        coverage=(
            Coverage(name="batch > 1", cases=140),
            Coverage(name="stride > kernel (gaps)", cases=12),
            Coverage(name="groups > 1", cases=0, left_out="fixed groups=1"),
        ),
        notes=(Note(name="rounds", message="dx is divided by a window of 49", count=12),),
        not_checked=("zero-size batches; float16; inputs above 2^53",),
        examples=200,
        dtypes=("float64", "float32"),
        fixed={"groups": 1},
        reproduce="gradcheck run conv2d --examples 200 --seed 0",
        seconds=2.13,
    )


def failing() -> LayerReport:
    replay = f"gradcheck run conv2d --case '{CASE.to_json()}'"
    entry = Discrepancy(
        wrt="weight",
        index=(0, 1, 2, 0),
        backward=0.5,
        differences=-1.25,
        autograd=-1.25,
        bound=EXACT,
        ulps=7.9e15,
    )
    wrong = Failure(
        check="differences",
        wrt="weight",
        message="backward's gradient for weight disagrees with the differences of forward",
        case=CASE,
        discrepancy=entry,
        reproduce=replay,
        cause="the kernel is not rotated",
        jacobian=replace(entry, backward=1.0, output=(0, 3, 1, 1), ulps=None),
    )
    shape = Failure(
        check="contract",
        wrt="bias",
        message="backward's gradient for bias has shape (1, 4); expected (4,)",
        case=replace(CASE, dtype="float32"),
        reproduce=replay,
    )
    return replace(
        passing(),
        verdict=Verdict.FAIL,
        reason="the gradient for weight is wrong",
        comparisons=tuple(comparisons("weight")),
        failures=(wrong, shape),
        fixed={},
        notes=(),
    )


def inconclusive() -> LayerReport:
    return replace(
        passing(),
        layer="my_conv",
        verdict=Verdict.INCONCLUSIVE,
        reason="1 of 2 classes was not covered; the gradient for x was seen too weakly",
        coverage=(Coverage(name="batch > 1", cases=0), Coverage(name="groups = 1", cases=9)),
        doubts=(Doubt(check="differences", wrt="x", reason="no direction is trusted", count=3),),
        certificate=Certificate(bar=3e-3),
    )


def erring() -> LayerReport:
    crash = Crash(
        where="forward",
        message="ValueError: größe [0] does not fit",
        case=CASE,
        traceback="Traceback\n  File a.py, line 1\n  File b.py, line 2\n    pad(x)\nValueError: no",
        reproduce="gradcheck run elu --case '{}'",
    )
    return LayerReport(
        layer="elu",
        spec="elu",
        verdict=Verdict.ERROR,
        reason="forward raised",
        crashes=(crash, crash),
        not_checked=("everything after the error",),
        reproduce="gradcheck run elu",
        seconds=0.04,
    )


def events(*reports: LayerReport, asked: tuple[str, ...] = (), **run: object) -> list[Event]:
    """Return what a run that made these reports would have said."""
    names = asked or tuple(report.layer for report in reports)
    said: list[Event] = [RunStarted(layers=names, settings={"seed": 0}, versions=VERSIONS)]
    for report in reports:
        said += [
            LayerStarted(layer=report.layer),
            CasesChecked(layer=report.layer, done=100, total=200),
            LayerFinished(report=report),
        ]
    whole = RunReport(layers=reports, versions=VERSIONS, seconds=48.2, **run)  # type: ignore[arg-type]
    return [*said, RunFinished(report=whole)]


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    """The reports above, by name."""
    makers: dict[str, Callable[[], LayerReport]] = {
        "passing": passing,
        "failing": failing,
        "inconclusive": inconclusive,
        "erring": erring,
    }
    return SimpleNamespace(events=events, **{name: make() for name, make in makers.items()})
