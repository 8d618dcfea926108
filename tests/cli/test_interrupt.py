from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

LISTENING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Shells start what runs in the background with SIGINT ignored, and children inherit that."""


def started(path: Path) -> bool:
    return path.exists() and "run_started" in path.read_text()


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_with_the_report_of_what_was_done(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "report.ndjson"
    options = ["--examples=100000", f"--jobs={jobs}", f"--format=ndjson={path}"]
    command = [sys.executable, "-m", "gradcheck", "run", "conv2d", "linear", *options]
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    ) as run:
        while not started(path) and run.poll() is None:
            time.sleep(0.05)
        time.sleep(1)  # into the first cases
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does: the whole group, workers too
        try:
            out, err = run.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)  # nobody waits for what did not end
    # CPython ends by the signal itself where it met the interrupt in code compiled from a string (a
    # dataclass that is being made): a shell reads that as 130 as well.
    assert run.returncode in (130, -signal.SIGINT)
    assert "INTERRUPTED after 0 of 2 layers" in out
    assert "not checked: conv2d, linear" in out
    assert "Traceback" not in err
    assert json.loads(path.read_text().splitlines()[-1])["interrupted"] is True
