"""Isolated: a stranger's layer in a process of its own, with limits of time and memory.

A layer that corrupts the heap, asks for more memory than there is or never comes back costs its
case: the process is replaced, and the case is reported with what became of it.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from gradcheck.adapt._seeded import seeded
from gradcheck.violation import Violation

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from gradcheck.layer import Array, Gradients, Layer, Pullback

SECONDS, GIGABYTES = 30.0, 8.0
"""Limits of one call: far above what a small case needs."""

KEPT = 64
"""Pullbacks that the process keeps; an older one is asked for again from its inputs."""


LATE = "the layer did not come back"
"""What is said of one that is over its limit of time."""


class Lost(Exception):  # noqa: N818 - names what it is
    """The layer's process died, or was stopped at its limit of time."""


@dataclass
class Isolated:
    """A layer in its normal form, evaluated in another process."""

    layer: Layer
    seconds: float = SECONDS
    gigabytes: float = GIGABYTES
    _process: Any = field(default=None, repr=False)
    _line: Any = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What the reports call the layer."""
        return self.layer.name

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.layer.inputs

    def __call__(self, config: Mapping[str, Any], /) -> _Configured:
        """Settle the config."""
        return _Configured(self, dict(config))

    def ask(self, *question: Any) -> Any:
        """Put a question to the process, and raise what it raised."""
        if self._process is None or not self._process.is_alive():
            self._start()
        self._line.send(question)
        try:
            if not self._line.poll(self.seconds):
                self.stop()
                raise Lost(f"{LATE} within {self.seconds:g} s")
            kind, answer = self._line.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            raise Lost(f"the layer's process died: {_how(self._process.exitcode)}") from None
        if kind == "violation":
            raise Violation(*answer)
        if kind == "raised":
            raise Lost(answer)
        return answer

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process = None

    def _start(self) -> None:
        context = get_context("fork")  # what a stranger's module made need not be picklable
        self._line, theirs = context.Pipe()
        how = (self.layer, theirs, self.gigabytes)
        self._process = context.Process(target=_serve, args=how, daemon=True)
        with warnings.catch_warnings():
            # JAX warns of every fork, for the sake of its threads; the child does not use them.
            warnings.simplefilter("ignore", RuntimeWarning)
            self._process.start()
        theirs.close()


@dataclass
class _Configured:
    isolated: Isolated
    config: dict[str, Any]

    def pull(self, **inputs: Array | None) -> tuple[Array, Pullback]:
        key, output = self.isolated.ask("pull", self.config, inputs)

        def pullback(cotangent: Array) -> Gradients:
            found: Gradients = self.isolated.ask("back", key, cotangent, self.config, inputs)
            return found

        return output, pullback


def _serve(layer: Layer, line: Connection, gigabytes: float) -> None:
    """Answer until the line closes; the limit is on what is asked for beyond what is there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.disable()  # how it died, the parent says
    limit = _held() + int(gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    kept: dict[int, Any] = {}
    while True:
        try:
            question = line.recv()
        except EOFError:
            return
        try:
            with seeded():
                line.send(("answer", _answer(layer, kept, *question)))
        except Violation as broken:
            line.send(("violation", (broken.wrt, broken.message)))
        except BaseException as error:  # whatever it is, it is the layer's
            line.send(("raised", f"{type(error).__name__}: {error}"))


def _answer(layer: Layer, kept: dict[int, Any], kind: str, *told: Any) -> Any:
    if kind == "pull":
        config, inputs = told
        return _pulled(layer, kept, config, inputs)
    key, cotangent, config, inputs = told
    if key not in kept:
        key, _ = _pulled(layer, kept, config, inputs)
    return dict(kept[key](cotangent))


def _pulled(layer: Layer, kept: dict[int, Any], config: Any, inputs: Any) -> tuple[int, Any]:
    output, pullback = layer(config).pull(**inputs)
    key = max(kept, default=0) + 1
    kept[key] = pullback
    kept.pop(key - KEPT, None)
    return key, output


def tried(work: Callable[[], object], *, seconds: float = SECONDS) -> str:
    """Do something in a process of its own first; return what became of that, if anything did."""
    process = get_context("fork").Process(target=_quietly, args=(work,), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return f"{LATE} within {seconds:g} s"
    died = process.exitcode is not None and process.exitcode < 0
    return f"the layer's process died: {_how(process.exitcode)}" if died else ""


def _quietly(work: Callable[[], object]) -> None:
    """Do it under the limit of memory; what it raises it raises again in earnest."""
    faulthandler.disable()
    limit = _held() + int(GIGABYTES * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with suppress(BaseException):
        work()
    os._exit(0)  # what the parent has registered to be done in the end, the parent does


def _held() -> int:
    """Return how much address space the process has already."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def isolated(layer: Layer, *, seconds: float = SECONDS, gigabytes: float = GIGABYTES) -> Isolated:
    """Run a layer in a process of its own.

    Parameters
    ----------
    layer : Layer
        From any other adapter.
    seconds : float
        Limit of one call; a process that is over it is ended.
    gigabytes : float
        Limit of the memory that it may ask for.

    Returns
    -------
    Isolated
        A layer in its normal form. What a call raises, and the end of its process, is raised here.
    """
    return Isolated(layer, seconds, gigabytes)
