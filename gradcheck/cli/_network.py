"""``gradcheck check --inputs``: a whole network, at data of the user's, without a spec."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from gradcheck.cli._wrapped import wrapped

if TYPE_CHECKING:
    from gradcheck.campaign import Plan


def planned(
    target: str, where: str, extra: Mapping[str, Any], *, seed: int, seconds: float, again: str,
    printed: TextIO,
) -> Plan:  # fmt: skip
    """Return how the network is checked; what cannot be loaded or called is wrong usage."""
    from gradcheck.adapt import isolated
    from gradcheck.api import at_point
    from gradcheck.found import but_path
    from gradcheck.infer import CannotInfer, networks
    from gradcheck.target import TargetError, load

    try:
        with but_path(), redirect_stdout(printed), redirect_stderr(printed):
            network = networks.infer(load(target), _given(where), extra)
            layer = isolated(network.layer, seconds=seconds) if seconds else network.layer
            plan = at_point(layer, seed=seed, **network.point)
    except (TargetError, CannotInfer, ValueError, TypeError) as error:
        raise click.UsageError(str(error)) from None
    for text in network.assumed:
        click.echo(wrapped(f"assumed: {text}"), err=True)
    return replace(plan, command=f"{again} --seed {seed}", assumed=network.assumed)


def _given(where: str) -> dict[str, Any]:
    """Return arrays by name, from a ``.npz`` file, or a dict or a function that gives one."""
    import numpy as np

    from gradcheck.target import TargetError, load

    if where.endswith(".npz"):
        if not Path(where).is_file():
            raise TargetError(f"--inputs: there is no file {where}")
        return dict(np.load(where))
    found = load(where)
    found = found() if callable(found) else found
    if not isinstance(found, Mapping):
        raise TargetError(f"--inputs {where}: a dict by argument name is wanted, not {found!r:.40}")
    return dict(found)
