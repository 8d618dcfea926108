"""Pytest plugin: ``pytest --gradcheck`` adds an item for each registered layer and property.

Imports nothing heavy: pytest loads it into suites that never ask for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

import pytest

from gradcheck.pytest_fixture import MARKER, gradcheck, pytest_pyfunc_call

__all__ = ["gradcheck", "pytest_pyfunc_call"]

ROOT = "gradcheck"
"""First part of every node id: ``gradcheck::conv2d::differences``."""

Tree = dict[str, list[str]]
"""Properties to check, by layer."""

_TREE = pytest.StashKey[Tree]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("gradcheck", "hand-written backward passes")
    group.addoption(
        "--gradcheck",
        action="store_true",
        help="add an item for each registered layer and property",
    )
    group.addoption(
        "--gradcheck-examples", type=int, metavar="N", help="cases for each item (default: 200)"
    )
    group.addoption(
        "--gradcheck-seed", type=int, default=0, metavar="N", help="seed of all draws (default: 0)"
    )
    group.addoption(
        "--gradcheck-layers",
        metavar="NAMES",
        help="layers to check, separated by commas (default: all registered)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Settle what to check, and keep our node ids from pytest, which would look for files."""
    config = session.config
    if config.getoption("gradcheck"):
        ours = [arg for arg in config.args if arg.startswith(f"{ROOT}::")]
        config.args = [arg for arg in config.args if arg not in ours]
        config.stash[_TREE] = _narrowed(_tree(config.getoption("gradcheck_layers")), ours)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Put our root beside the folders that pytest found."""
    report = yield
    if isinstance(collector, pytest.Session) and collector.config.stash.get(_TREE, None):
        report.result.append(Root.from_parent(collector, name=ROOT, nodeid=ROOT))
    return report


def _tree(names: str | None) -> Tree:
    """Return all properties of the layers, in one order in every worker; nothing is loaded."""
    from gradcheck import registry
    from gradcheck.checks import CHECKS
    from gradcheck.cli._layers import every

    asked = {name.strip() for name in (names or "").split(",")} - {""}
    try:
        for name in asked:
            registry.find("layers", name)
    except LookupError as error:
        raise pytest.UsageError(f"--gradcheck-layers: {error}") from None
    return {layer: list(CHECKS) for layer in sorted(asked) or every()}


def _narrowed(tree: Tree, nodeids: Iterable[str]) -> Tree:
    kept: Tree = {} if nodeids else tree
    for nodeid in nodeids:
        layer, _, check = nodeid.removeprefix(f"{ROOT}::").partition("::")
        found = [name for name in tree.get(layer, []) if check in ("", name)]
        if not found:
            raise pytest.UsageError(f"not found: {nodeid}")
        kept[layer] = list(dict.fromkeys([*kept.get(layer, []), *found]))
    return kept


class Root(pytest.Collector):
    """All layers to be checked."""

    def collect(self) -> Iterable[Group]:
        """Return a group for each layer."""
        return [Group.from_parent(self, name=layer) for layer in self.config.stash[_TREE]]


class Group(pytest.Collector):
    """The properties of one layer, of which nothing has been imported yet."""

    def collect(self) -> Iterable[Property]:
        """Return an item for each property."""
        checks = self.config.stash[_TREE][self.name]
        return [Property.from_parent(self, name=check, layer=self.name) for check in checks]


class Property(pytest.Item):
    """One property of one layer."""

    def __init__(self, *, layer: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer

    def runtest(self) -> None:
        """Check the property; unless it passes, raise the report's own explanation."""
        from gradcheck import runner
        from gradcheck.profiles import PROFILES

        option = self.config.getoption
        report = runner.check_one(
            self.layer,
            checks=[self.name],
            examples=option("gradcheck_examples") or PROFILES["default"].examples,
            seed=option("gradcheck_seed"),
        )
        if self.name == "oracle" and report.cases and not report.comparisons:
            pytest.skip(report.not_checked[0])  # torch is not installed: nothing to hold against
        report.raise_for_verdict()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the report's text; a traceback only where something else was raised."""
        from gradcheck.report import VerdictError

        if isinstance(excinfo.value, VerdictError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Say what failed in the heading of the failure."""
        return self.path, None, f"gradcheck: {self.name} of {self.layer}"
