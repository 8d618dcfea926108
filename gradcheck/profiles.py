"""Profiles: how much is drawn, from which seed, with which Hypothesis settings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis import settings as Settings  # noqa: N812 - Hypothesis names a class so


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A named amount of work.

    Attributes
    ----------
    name : str
        How it is asked for.
    examples : int
        Cases for each layer.
    seed : int or None
        Seed of the draws; None draws a fresh one and prints it.
    database : str or None
        Folder in which Hypothesis keeps failing examples between runs.
    verbose : bool
        Whether Hypothesis prints each case.
    """

    name: str
    examples: int
    seed: int | None
    database: str | None = None
    verbose: bool = False

    def with_seed(self, seed: int | None) -> Profile:
        """Return the profile with a settled seed: the one given, its own, or a fresh one."""
        if seed is None:
            seed = self.seed if self.seed is not None else secrets.randbelow(2**32)
        return replace(self, seed=seed)

    def settings(self, examples: int) -> Settings:
        """Return Hypothesis settings in which nothing is inherited from the environment.

        Under ``CI`` Hypothesis loads a profile of its own; a verdict must not depend on that.
        """
        from hypothesis import HealthCheck, Phase, Verbosity, settings
        from hypothesis.database import DirectoryBasedExampleDatabase

        store = DirectoryBasedExampleDatabase(self.database) if self.database else None
        return settings(
            max_examples=examples,
            derandomize=False,
            database=store,
            verbosity=Verbosity.verbose if self.verbose else Verbosity.normal,
            phases=(Phase.reuse, Phase.generate, Phase.shrink),
            stateful_step_count=50,
            report_multiple_bugs=False,
            suppress_health_check=tuple(HealthCheck),
            deadline=None,
            print_blob=False,
            backend="hypothesis",
        )


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(name="default", examples=200, seed=0),
        Profile(name="ci", examples=200, seed=20_260_101),
        Profile(name="nightly", examples=2_000, seed=None, database=".gradcheck/examples"),
        Profile(name="debug", examples=10, seed=0, verbose=True),
    )
}
"""The profiles by name."""
