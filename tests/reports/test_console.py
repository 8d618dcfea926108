from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace

import pytest
from gradcheck.reports.console import Console
from syrupy.assertion import SnapshotAssertion

from gradcheck.case import Case
from gradcheck.events import CasesChecked, Event, LayerFinished, RunStarted
from gradcheck.verdict import Verdict


@pytest.fixture(autouse=True)
def _no_colour_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def shown(events: Iterable[Event], verbosity: int = 0, stream: io.TextIOBase | None = None) -> str:
    stream = stream or io.StringIO()
    console = Console(stream, verbosity=verbosity)  # type: ignore[arg-type]
    for event in events:
        console(event)
    console.close()
    return stream.getvalue() if isinstance(stream, io.StringIO) else ""


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", ["passing", "failing", "inconclusive", "erring"])
@pytest.mark.parametrize("verbosity", [0, 1], ids=["plain", "verbose"])
def test_report_of_one_layer(
    made: SimpleNamespace, name: str, verbosity: int, snapshot: SnapshotAssertion
) -> None:
    assert shown(made.events(getattr(made, name)), verbosity) == snapshot


def test_report_of_several_layers_when_interrupted(
    made: SimpleNamespace, snapshot: SnapshotAssertion
) -> None:
    asked = ("conv2d", "my_conv", "relu", "tanh")
    events = made.events(made.passing, made.inconclusive, asked=asked, interrupted=True)
    assert shown(events) == snapshot


def test_complaints_of_the_gate(made: SimpleNamespace, snapshot: SnapshotAssertion) -> None:
    complaints = ("gradcheck.reference.cube is registered as no layer, so nothing checks it.",)
    assert shown(made.events(made.passing, complaints=complaints), -2) == snapshot


def test_the_gate_tells_passing_layers_in_a_table(made: SimpleNamespace) -> None:
    wrong = replace(made.failing, layer="wrong", spec="wrong")
    text = shown(made.events(made.passing, wrong), -1)
    assert text.count("reproduce this report") == 1
    table = [line.split()[:2] for line in text.splitlines()]
    assert ["conv2d", "PASS"] in table
    assert ["wrong", "FAIL"] in table


def test_quiet_shows_what_did_not_pass_and_the_last_line(made: SimpleNamespace) -> None:
    text = shown(made.events(made.passing, replace(made.failing, layer="wrong", spec="wrong")), -2)
    assert text.count("reproduce this report") == 1
    assert "wrong  FAIL" in text
    assert "\nconv2d  PASS" not in text
    assert text.splitlines()[-1] == "2 layers: 1 PASS, 1 FAIL in 48.2 s"


def test_quiet_and_all_pass_is_one_line(made: SimpleNamespace) -> None:
    assert shown(made.events(made.passing), -2).split("\n") == ["", "1 layer: 1 PASS in 48.2 s", ""]


def test_nothing_is_wider_than_80_columns_but_what_is_copied(made: SimpleNamespace) -> None:
    text = shown(made.events(made.passing, made.failing, made.inconclusive, made.erring), 1)
    wide = [line for line in text.splitlines() if len(line) > 80]
    assert wide
    assert all(line.startswith(("    gradcheck run", "my_conv (conv2d)")) for line in wide)


def test_a_command_is_one_line(made: SimpleNamespace) -> None:
    command = made.failing.failures[0].reproduce
    assert f"    {command}\n" in shown(made.events(made.failing))


def test_lines_as_layers_finish_without_a_terminal(made: SimpleNamespace) -> None:
    stream = io.StringIO()
    console = Console(stream)
    console(RunStarted(layers=("conv2d", "relu")))
    console(LayerFinished(report=made.passing))
    assert stream.getvalue().splitlines()[-1].startswith("conv2d  PASS  200 cases in 2.1 s")


def test_one_layer_is_told_of_once(made: SimpleNamespace) -> None:
    for stream in (io.StringIO(), Tty()):
        assert shown(made.events(made.passing), 0, stream).count("200 cases in 2.1 s") == 1


def test_a_run_broken_off_leaves_the_reports_that_were_ready(made: SimpleNamespace) -> None:
    text = shown(made.events(made.failing)[:-1])
    assert "reproduce this case alone" in text


def test_a_bar_moves_on_a_terminal_only(made: SimpleNamespace) -> None:
    def drawn(stream: io.StringIO) -> str:
        console = Console(stream)
        console(RunStarted(layers=("conv2d", "relu")))
        console(CasesChecked(layer="conv2d", done=100, total=200))
        console.close()
        return stream.getvalue()

    assert "layers" in drawn(Tty()).split("checking 2 layers")[1]
    assert drawn(io.StringIO()).split("checking 2 layers")[1].strip() == ""


def test_forced_colour_does_not_move_a_bar(
    made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = shown(made.events(made.passing))
    assert "\x1b[1;32mPASS\x1b[0m" in text
    assert "\x1b[?25l" not in text  # the cursor is hidden only under a bar


def test_no_color_is_honoured_on_a_terminal(
    made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    coloured = shown(made.events(made.passing), -1, Tty())
    monkeypatch.setenv("NO_COLOR", "1")
    plain = shown(made.events(made.passing), -1, Tty())
    assert "\x1b[1;32m" in coloured
    assert "32m" not in plain
    assert "PASS" in plain


def test_every_verdict_is_said_in_words(made: SimpleNamespace) -> None:
    for report in (made.passing, made.failing, made.inconclusive, made.erring):
        assert f"1 layer: 1 {report.verdict} in" in shown(made.events(report))


def test_plain_ascii_where_the_stream_knows_no_more(made: SimpleNamespace) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    shown(made.events(made.passing, made.erring), 1, stream)
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert r"gr\xf6\xdfe [0]" in text
    assert "----" in text


def test_a_crash_before_any_case_tells_of_no_case(made: SimpleNamespace) -> None:
    crash = replace(made.erring.crashes[0], case=Case(), traceback="", reproduce="")
    text = shown(made.events(replace(made.erring, crashes=(crash,))))
    assert "forward raised ValueError" in text
    assert "float64" not in text


def test_square_brackets_of_a_message_are_not_markup(made: SimpleNamespace) -> None:
    text = shown(made.events(replace(made.erring, reason="forward [red]raised[/red]")))
    assert "größe [0] does not fit" in text
    assert "forward [red]raised[/red]" in text


def test_without_an_oracle_its_columns_say_so(made: SimpleNamespace) -> None:
    only = tuple(c for c in made.passing.comparisons if c.column == "backward/differences")
    text = shown(made.events(replace(made.passing, comparisons=only)))
    row = next(line for line in text.splitlines() if line.startswith("    dx"))
    assert row.split("  ")[-1] == "not checked"
    assert row.count("not checked") == 2


def test_a_failing_place_hides_what_held_elsewhere(made: SimpleNamespace) -> None:
    held = replace(made.failing, comparisons=made.passing.comparisons)
    rows = [line for line in shown(made.events(held)).splitlines() if "dweight  " in line]
    assert "WRONG by 1.8" in rows[0]


def test_a_value_that_is_not_a_number_is_wrong(made: SimpleNamespace) -> None:
    failure = made.failing.failures[0]
    entry = replace(failure.discrepancy, backward=float("nan"))
    report = replace(made.failing, failures=(replace(failure, discrepancy=entry),))
    assert "WRONG by nan" in shown(made.events(report))


def test_nothing_checked_is_said(made: SimpleNamespace) -> None:
    assert "0 layers: nothing was checked" in shown(made.events())


def test_summary_counts_classes_that_were_asked_for(made: SimpleNamespace) -> None:
    text = shown(made.events(made.passing, replace(made.passing, layer="other", spec="")))
    row = next(line for line in reversed(text.splitlines()) if line.startswith("other "))
    assert row.split() == ["other", str(Verdict.PASS), "200", "2/2", "1", "2.1", "s"]
