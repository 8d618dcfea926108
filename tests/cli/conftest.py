"""A runner that answers at once, and commands run in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

import gradcheck
from gradcheck.cli import main
from gradcheck.events import Event, LayerFinished, RunFinished, RunStarted
from gradcheck.report import Coverage, LayerReport, RunReport
from gradcheck.verdict import Verdict


@dataclass
class FakeRunner:
    """Says what a run says; ``verdicts`` and ``reports`` decide what."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    coverage: tuple[Coverage, ...] = ()
    cases: int = 200
    interrupt_after: int | None = None
    raises: type[BaseException] | None = None

    def run(self, layers: list[str], *, listen: Callable[[Event], None], **how: Any) -> RunReport:
        self.calls.append({"layers": list(layers), **how})
        listen(RunStarted(layers=tuple(layers)))
        done = tuple(map(self._report, layers))[: self.interrupt_after]
        for report in done:
            listen(LayerFinished(report=report))
        if self.raises:
            raise self.raises
        run = RunReport(layers=done, interrupted=self.interrupt_after is not None)
        listen(RunFinished(report=run))
        return run

    def _report(self, name: str) -> LayerReport:
        verdict = self.verdicts.get(name, Verdict.PASS)
        return LayerReport(
            layer=name, spec=name, verdict=verdict, cases=self.cases, coverage=self.coverage
        )


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    fake = FakeRunner()
    module = ModuleType("gradcheck.runner")
    module.run = fake.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gradcheck.runner", module)
    monkeypatch.setattr(gradcheck, "runner", module, raising=False)
    return fake


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run a command; an exception of ours is a traceback here, too."""

    def run(*args: str) -> Result:
        result = CliRunner().invoke(main, args)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run
