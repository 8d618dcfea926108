"""The fixture ``gradcheck`` and the marker of that name, over `check` and `check_layer`.

Imports nothing heavy: pytest loads it into suites that never ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gradcheck.layer import Layer
    from gradcheck.report import LayerReport
    from gradcheck.spec import Spec

MARKER = (
    "gradcheck(spec=None, **options): check the layer that the test returns, by "
    "gradcheck.check_layer(spec, layer, **options), or without spec and inputs by "
    "gradcheck.check(layer, **options); where the test takes the fixture `gradcheck` instead, "
    "the defaults of its functions"
)


class Checker:
    """The two public functions, which fail the test unless the verdict is PASS.

    Parameters
    ----------
    defaults : dict
        Options of `gradcheck.check_layer` that a call need not repeat: those of the marker, then
        ``--gradcheck-examples`` and ``--gradcheck-seed``.
    """

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults

    def check_layer(
        self, spec: str | Spec | None = None, layer: Layer | None = None, **options: Any
    ) -> LayerReport:
        """Check a layer on generated cases, as `gradcheck.check_layer` does.

        Returns
        -------
        LayerReport
            Of a layer that passed.

        Raises
        ------
        VerdictError
            Unless the verdict is PASS; its text is the report.
        """
        __tracebackhide__ = True
        import gradcheck

        settled = {**self._defaults, **options}
        report = gradcheck.check_layer(spec or settled.pop("spec", None), layer, **settled)
        report.raise_for_verdict()
        return report

    def check(self, layer: Layer, **options: Any) -> LayerReport:
        """Check a layer at one point, as `gradcheck.check` does; returns and raises as above."""
        __tracebackhide__ = True
        import gradcheck

        kept = {k: v for k, v in self._defaults.items() if k not in ("spec", "examples")}
        report = gradcheck.check(layer, **{**kept, **options})
        report.raise_for_verdict()
        return report


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Checker:
    """`check` and `check_layer`, which fail the test unless the verdict is PASS."""
    return Checker(_defaults(request.node))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """Check the layer that a marked test returns; leave every other test to pytest."""
    __tracebackhide__ = True
    marked = any(mark.name == "gradcheck" for mark in pyfuncitem.own_markers)
    names = pyfuncitem._fixtureinfo.argnames
    if not marked or "gradcheck" in names:
        return None
    layer = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if layer is None:
        pytest.fail(
            "a test marked gradcheck returns the layer to check, or takes the fixture gradcheck",
            pytrace=False,
        )
    checker, options = Checker(_defaults(pyfuncitem)), _marked(pyfuncitem)
    if {"spec", "inputs"} & options.keys():
        checker.check_layer(layer=layer)
    else:
        checker.check(layer)
    return True


def _defaults(item: pytest.Item) -> dict[str, Any]:
    asked = item.config.getoption
    given = {"examples": asked("gradcheck_examples"), "seed": asked("gradcheck_seed")}
    return {**{k: v for k, v in given.items() if v is not None}, **_marked(item)}


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Return the options of all markers, the closest last."""
    found: dict[str, Any] = {}
    for mark in reversed([*item.iter_markers("gradcheck")]):
        found |= {**dict(zip(("spec",), mark.args, strict=False)), **mark.kwargs}
    return found
