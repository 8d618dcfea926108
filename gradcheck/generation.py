"""Generation: Hypothesis draws the cases of a class, and shrinks the one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING
from unittest import mock

from gradcheck import found
from gradcheck.engine import Outcome
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case
    from gradcheck.profiles import Profile

BAD = (Verdict.FAIL, Verdict.ERROR)


class Found(Exception):  # noqa: N818 - a signal to Hypothesis that this case is to be shrunk
    """A case that fails; Hypothesis shrinks what raises it."""


def sweep(
    strategy: SearchStrategy[Case],
    examine: Callable[[Case], Outcome],
    *,
    examples: int,
    seed: int,
    profile: Profile,
    ahead: bool = False,
) -> tuple[list[Outcome], Case | None]:
    """Examine the drawn cases up to the first that fails, and shrink that one.

    Parameters
    ----------
    strategy : SearchStrategy
        Draws cases.
    examine : callable
        Runs the checks on one case.
    examples : int
        Number of cases.
    seed : int
        Seed of the draws.
    profile : Profile
        Hypothesis settings.
    ahead : bool
        Whether all cases may be drawn before the first is examined, for they are small. What draws
        and what examines push one another out of the processor's caches, and turn about take a
        sixth longer. A case that fails is drawn again, with those before it, to be shrunk.

    Returns
    -------
    list of Outcome
        One for each case drawn before the first failure.
    Case or None
        The smallest case that fails, if any does.
    """
    outcomes: list[Outcome] = []
    failing: list[Case] = []
    if ahead and profile.database is None:  # from which Hypothesis deletes what does not fail
        outcomes = _examined(_drawn(strategy, examples, seed, profile), examine)
        if not outcomes or outcomes[-1].verdict not in BAD:
            return outcomes, None
        failing = [outcomes.pop().case]
    passed = iter(range(len(outcomes)))

    def test(case: Case) -> None:
        if next(passed, None) is not None:
            return
        outcome = examine(case)
        if outcome.verdict in BAD:
            failing.append(case)
            raise Found
        if not failing:
            outcomes.append(outcome)

    _run(strategy, test, examples, seed, profile)
    return outcomes, failing[-1] if failing else None


def _drawn(
    strategy: SearchStrategy[Case], examples: int, seed: int, profile: Profile
) -> list[Case]:
    cases: list[Case] = []

    def note(case: Case) -> None:
        cases.append(case)

    _run(strategy, note, examples, seed, profile)
    return cases


def _examined(cases: list[Case], examine: Callable[[Case], Outcome]) -> list[Outcome]:
    """Examine cases up to the first that fails, under the seeds of Hypothesis."""
    outcomes: list[Outcome] = []
    with found.generators():
        for case in cases:
            found.seed()
            outcomes.append(examine(case))
            if outcomes[-1].verdict in BAD:
                break
    return outcomes


def _run(
    strategy: SearchStrategy[Case],
    test: Callable[[Case], None],
    examples: int,
    seed: int,
    profile: Profile,
) -> None:
    """Let Hypothesis run a test, as far as there are cases, and shrink what raises `Found`."""
    import hypothesis
    from hypothesis.errors import Flaky, Unsatisfiable

    run = hypothesis.seed(seed)(profile.settings(examples)(hypothesis.given(strategy)(test)))
    with _pure_draws(), _seeded_quickly(), suppress(Found, Flaky, Unsatisfiable):
        run()


@contextmanager
def _pure_draws() -> Iterator[None]:
    """Keep Hypothesis to what the strategy draws, and every case to draws of its own.

    It mixes in constants that it finds in loaded modules. Which are loaded differs between a pytest
    run, the CLI and a worker process; a verdict is a function of spec, layer, seed and versions
    alone.

    It makes five of six cases from the one before by writing one drawn number over another. Those
    share the seed of their data, and the numbers of their windows grow alike; that copies make
    failures likelier holds of lists and trees, not of a case's settings.

    The hooks are not public, so a version without them is left as it is.
    """
    from hypothesis.internal.conjecture import engine, providers

    with ExitStack() as hooks:
        for owner, name in (
            (providers.HypothesisProvider, "_maybe_draw_constant"),
            (engine.ConjectureRunner, "generate_mutations_from"),
        ):
            if hasattr(owner, name):  # pragma: no branch - another version
                hooks.enter_context(mock.patch.object(owner, name, _nothing))
        yield


@contextmanager
def _seeded_quickly() -> Iterator[None]:
    """Seed the global generators before each case, as Hypothesis does, and restore them once.

    Hypothesis saves and restores their states around every case, which takes as long as a forward
    with its backward.
    """
    with found.generators(), mock.patch("hypothesis.core.deterministic_PRNG", _Seeded):
        yield


class _Seeded:
    def __enter__(self) -> None:
        found.seed()

    def __exit__(self, *_: object) -> None:
        pass


def _nothing(*_: object, **__: object) -> None:
    """Stand in for a hook; a mock, which counts its calls, takes longer than the draw itself."""
