from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import pytest

OURS = ("properties", "reference", "reports")
"""Folders at the top level; their names belong to gradcheck, or to somebody else's project."""

FOUND = pytest.StashKey[set[str]]()
SENT = "gradcheck_bare_names"


def bare(names: Iterable[str]) -> list[str]:
    """Name the modules that were imported past the roof of gradcheck."""
    return sorted(name for name in names if name.partition(".")[0] in OURS)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Gather what a worker of xdist found."""
    sent = getattr(node, "workeroutput", {}).get(SENT, [])
    node.config.stash.setdefault(FOUND, set()).update(sent)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail the suite if a folder was imported under its bare name.

    A module imported twice, as ``reference.relu`` and as ``gradcheck.reference.relu``, has two of
    every class, and a user's project may own the bare name.
    """
    found = session.config.stash.setdefault(FOUND, set())
    found.update(bare(sys.modules))
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[SENT] = sorted(found)
    elif found and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found = terminalreporter.config.stash.get(FOUND, set())
    if found:
        terminalreporter.section("imported under a bare name", red=True)
        for name in sorted(found):
            terminalreporter.line(f"{name}: import gradcheck.{name} instead")
