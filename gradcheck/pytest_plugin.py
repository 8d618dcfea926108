"""Pytest plugin: ``pytest --gradcheck`` adds an item for each registered layer and property.

Where the project's ``pyproject.toml`` lists layers (`gradcheck.project`), those take the place of
all registered ones; one that is not registered is one item, which runs ``gradcheck check``.

Imports nothing heavy: pytest loads it into suites that never ask for it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.pytest_fixture import MARKER, gradcheck, pytest_pyfunc_call

if TYPE_CHECKING:
    from gradcheck.project import Listed

__all__ = ["gradcheck", "pytest_pyfunc_call"]

ROOT = "gradcheck"
"""First part of every node id: ``gradcheck::conv2d::differences``."""

Tree = dict[str, list[str]]
"""Properties to check, by layer."""

OWN = "check"
"""Last part of the node id of a project's own layer: ``gradcheck::Dense::check``."""

_TREE = pytest.StashKey[Tree]()
_LISTED = pytest.StashKey["Listed"]()


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
        config.stash[_LISTED] = listed = _listed(config)
        tree = _tree(config.getoption("gradcheck_layers"), listed)
        config.stash[_TREE] = _narrowed(tree, ours)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Put our root beside the folders that pytest found."""
    report = yield
    if isinstance(collector, pytest.Session) and collector.config.stash.get(_TREE, None):
        report.result.append(Root.from_parent(collector, name=ROOT, nodeid=ROOT))
    return report


def _listed(config: pytest.Config) -> Listed:
    """Return the layers that the project lists, after making sure that they can be asked for."""
    from gradcheck import project

    try:
        found = project.read(config.rootpath)
        for arguments in found.values():
            if arguments is not None:
                project.parsed(arguments)
    except project.ProjectError as error:
        raise pytest.UsageError(str(error)) from None
    return found


def _tree(names: str | None, listed: Listed) -> Tree:
    """Return all properties of the layers, in one order in every worker; nothing is loaded."""
    from gradcheck import registry
    from gradcheck.checks import CHECKS
    from gradcheck.cli._layers import every

    asked = {name.strip() for name in (names or "").split(",")} - {""}
    wanted = sorted(asked) or [*listed] or every()
    own = {name for name, arguments in listed.items() if arguments is not None}
    try:
        for name in set(wanted) - own:
            registry.find("layers", name)
    except LookupError as error:
        source = "--gradcheck-layers" if asked else "[tool.gradcheck] layers"
        raise pytest.UsageError(f"{source}: {error}") from None
    return {layer: [OWN] if layer in own else list(CHECKS) for layer in wanted}


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

    def collect(self) -> Iterable[pytest.Item]:
        """Return an item for each property, or one for a layer of the project's own."""
        checks = self.config.stash[_TREE][self.name]
        own = self.config.stash[_LISTED].get(self.name)
        if own is not None:
            return [Own.from_parent(self, name=OWN, arguments=own)]
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


class Checked(Exception):  # noqa: N818 - carries what the check said
    """A layer of the project's own that did not pass, with its report."""


class Own(pytest.Item):
    """A layer that the project lists, checked as ``gradcheck check`` does."""

    def __init__(self, *, arguments: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments = arguments

    def runtest(self) -> None:
        """Check the layer; unless it passes, raise what the command said."""
        from gradcheck import project

        code, said = project.check(self.config.rootpath, (*self.arguments, *self._asked()))
        if code:
            raise Checked(said)

    def _asked(self) -> Iterable[str]:
        """Yield the options of the command line that the entry leaves open."""
        for option in ("examples", "seed"):
            value = self.config.getoption(f"gradcheck_{option}")
            if value is not None and f"--{option}" not in self.arguments:
                yield from (f"--{option}", str(value))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what the command said; a traceback only where something else was raised."""
        if isinstance(excinfo.value, Checked):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Say what failed in the heading of the failure."""
        return self.path, None, f"gradcheck: check {' '.join(self.arguments)}"
