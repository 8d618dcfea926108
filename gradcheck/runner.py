"""Runner: many layers, in this process or several, told as events."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gradcheck.case import DRAWN
from gradcheck.checks import CHECKS
from gradcheck.events import (
    CasesChecked,
    Event,
    LayerFinished,
    LayerStarted,
    RunFinished,
    RunStarted,
)
from gradcheck.finding import Crash
from gradcheck.profiles import PROFILES, Profile
from gradcheck.registry import OURS, load_layer, load_spec
from gradcheck.report import LayerReport, RunReport
from gradcheck.verdict import Verdict
from gradcheck.workers import finished, tell, workers

if TYPE_CHECKING:
    from gradcheck.campaign import Plan
    from gradcheck.case import Case


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a worker needs to know to check one registered layer; plain data, so that it travels."""

    layer: str
    profile: Profile
    examples: int
    seed: int
    dtypes: tuple[str, ...]
    oracle: str
    strict: bool
    case: Case | None
    checks: tuple[str, ...]


def run(
    layers: Sequence[str],
    *,
    profile: Profile,
    examples: int | None = None,
    seed: int | None = None,
    dtypes: Sequence[str] = DRAWN,
    jobs: int = 1,
    oracle: str = "auto",
    strict: bool = False,
    case: Case | None = None,
    checks: Sequence[str] | None = None,
    listen: Callable[[Event], None] = lambda event: None,
) -> RunReport:
    """Check registered layers.

    Parameters
    ----------
    layers : sequence of str
        Registered names, plain or qualified.
    profile : Profile
        Amount of work; ``examples`` and ``seed`` override its own.
    dtypes : sequence of str
        Dtypes to draw.
    jobs : int
        Processes.
    oracle : str
        ``"auto"`` goes without a missing oracle and says so, ``"required"`` does not.
    strict : bool
        Turn demands on a stranger's layer from notes into failures.
    case : Case, optional
        Replay this case alone.
    checks : sequence of str, optional
        Names of `gradcheck.checks.CHECKS`; all by default.
    listen : callable
        Takes each event.

    Returns
    -------
    RunReport
        Also after Ctrl-C, with the reports of the layers that were finished.
    """
    from gradcheck.versions import versions

    start = time.perf_counter()
    settled = profile.with_seed(seed)
    order = Order(
        layer="", profile=settled, examples=examples or settled.examples, seed=settled.seed or 0,
        dtypes=tuple(dtypes), oracle=oracle, strict=strict, case=case,
        checks=tuple(checks or CHECKS),
    )  # fmt: skip
    orders = [replace(order, layer=name) for name in layers]
    found = versions()
    listen(RunStarted(layers=tuple(layers), settings=_settings(order, jobs), versions=found))
    reports: dict[str, LayerReport] = {}
    interrupted = False
    try:
        for report, name in _work(orders, jobs, listen):
            reports[name] = report
            listen(LayerFinished(report=report))
    except KeyboardInterrupt:
        interrupted = True
    total = RunReport(
        layers=tuple(reports[name] for name in layers if name in reports),
        versions=found, interrupted=interrupted, seconds=time.perf_counter() - start,
    )  # fmt: skip
    listen(RunFinished(report=total))
    return total


def check_one(
    name: str, *, checks: Sequence[str], examples: int, seed: int, profile: str = "default"
) -> LayerReport:
    """Check some properties of one registered layer, as the pytest plugin does."""
    order = Order(
        layer=name, profile=PROFILES[profile].with_seed(seed), examples=examples, seed=seed,
        dtypes=DRAWN, oracle="auto", strict=False, case=None,
        checks=tuple(checks),
    )  # fmt: skip
    return fulfil(order)


def fulfil(order: Order, progress: Callable[[int], None] | None = None) -> LayerReport:
    """Check the layer of one order; what does not load or raises becomes an ERROR report."""
    from gradcheck.campaign import conduct

    try:
        return conduct(_plan(order), progress)
    except Exception as error:
        return _error(order, error)


def _plan(order: Order) -> Plan:
    from gradcheck.adapt._seeded import Seeded
    from gradcheck.campaign import Plan
    from gradcheck.engine import Subject
    from gradcheck.fitting import fitted

    layer, spec_name, entry = load_layer(order.layer)
    spec = load_spec(spec_name)
    missing = spec.no_oracle_because if spec.oracle is None else spec.oracle.missing()
    known = fitted(layer, spec)
    subject = Subject(
        layer=known if entry.package == OURS else Seeded(known), spec=spec,
        oracle=None if missing else spec.oracle, strict=order.strict, checks=order.checks,
    )  # fmt: skip
    return Plan(
        subject=subject, profile=order.profile, examples=order.examples, seed=order.seed,
        dtypes=order.dtypes, case=order.case, origin=entry.origin, command=_command(order),
        replay=shlex.join(["gradcheck", "run", order.layer, "--case"]), missing_oracle=missing,
    )  # fmt: skip


def _command(order: Order) -> str:
    """Return the shell command that makes the same report."""
    words = ["gradcheck", "run", order.layer]
    if order.case is None:
        words += ["--examples", str(order.examples), "--seed", str(order.seed)]
        if set(order.dtypes) != set(DRAWN):
            words += [word for dtype in order.dtypes for word in ("--dtype", dtype)]
    return shlex.join(words)


def _error(order: Order, error: Exception) -> LayerReport:
    import traceback

    from gradcheck.case import Case

    message = f"{type(error).__name__}: {error}"
    crash = Crash(
        where="loading or drawing", message=message, case=order.case or Case(),
        traceback=traceback.format_exc(),
    )  # fmt: skip
    return LayerReport(
        layer=order.layer, spec="", verdict=Verdict.ERROR, reason=message, crashes=(crash,),
        not_checked=("anything of this layer",), examples=order.examples, seed=order.seed,
        profile=order.profile.name, dtypes=order.dtypes,
    )  # fmt: skip


def _work(
    orders: Sequence[Order], jobs: int, listen: Callable[[Event], None]
) -> Iterator[tuple[LayerReport, str]]:
    if jobs <= 1 or len(orders) <= 1:
        for order in orders:
            listen(LayerStarted(layer=order.layer))
            yield fulfil(order, _progress(order, listen)), order.layer
        return
    for order in orders:
        listen(LayerStarted(layer=order.layer))
    with workers(min(jobs, len(orders))) as (pool, news):
        futures = {pool.submit(fulfil_afar, order): order for order in orders}
        for future in finished(futures, lambda: _pass_on(news(), listen)):
            yield future.result(), futures[future].layer


def fulfil_afar(order: Order) -> LayerReport:
    """Fulfil an order in a worker, which tells its parent how far it is."""
    return fulfil(order, lambda done: tell((order.layer, done, order.examples)))


def _pass_on(news: Iterator[tuple[str, int, int]], listen: Callable[[Event], None]) -> None:
    for layer, done, total in news:
        listen(CasesChecked(layer=layer, done=done, total=total))


def _progress(order: Order, listen: Callable[[Event], None]) -> Callable[[int], None]:
    def tell(done: int) -> None:
        listen(CasesChecked(layer=order.layer, done=done, total=order.examples))

    return tell


def _settings(order: Order, jobs: int) -> dict[str, object]:
    return {
        "profile": order.profile.name,
        "examples": order.examples,
        "seed": order.seed,
        "dtypes": list(order.dtypes),
        "jobs": jobs,
        "oracle": order.oracle,
        "strict": order.strict,
    }
