"""Generation: Hypothesis draws the cases of a class, and shrinks the one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

    Returns
    -------
    list of Outcome
        One for each case drawn before the first failure.
    Case or None
        The smallest case that fails, if any does.
    """
    import hypothesis

    outcomes: list[Outcome] = []
    failing: list[Case] = []

    def test(case: Case) -> None:
        outcome = examine(case)
        if outcome.verdict in BAD:
            failing.append(case)
            raise Found
        if not failing:
            outcomes.append(outcome)

    run = hypothesis.seed(seed)(profile.settings(examples)(hypothesis.given(strategy)(test)))
    try:
        with _pure_draws(), _seeded_quickly():
            run()
    except (Found, hypothesis.errors.Flaky):
        return outcomes, failing[-1]
    except hypothesis.errors.Unsatisfiable:
        return outcomes, None
    return outcomes, None


@contextmanager
def _pure_draws() -> Iterator[None]:
    """Keep Hypothesis from mixing in constants that it finds in loaded modules.

    Which modules are loaded differs between a pytest run, the CLI and a worker process; a verdict
    is a function of spec, layer, seed and versions alone. The hook is not public, so a version
    without it is left as it is.
    """
    from hypothesis.internal.conjecture import providers

    provider = providers.HypothesisProvider
    if not hasattr(provider, "_maybe_draw_constant"):  # pragma: no cover - another version
        yield
        return
    with mock.patch.object(provider, "_maybe_draw_constant", _no_constant):
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


def _no_constant(*_: object, **__: object) -> None:
    """Stand in for the hook; a mock, which counts its calls, takes longer than the draw itself."""
