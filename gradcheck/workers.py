"""Workers: processes that share the layers of a run and say how far they are."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import mock

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

T = TypeVar("T")

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For workers, of which there is one a core: threads of their own would fight over the cores."""

OFTEN = 0.1
"""Seconds between two words of a worker, and between two looks at what they say."""


class _Mouth:
    """A worker's end of the queue."""

    queue: Queue[Any] | None = None
    last: float = 0.0


def tell(news: Any) -> None:
    """Say something to the parent, unless something was said a moment ago."""
    now = time.monotonic()
    if _Mouth.queue is not None and now - _Mouth.last >= OFTEN:
        _Mouth.last = now
        _Mouth.queue.put(news)


@contextmanager
def workers(count: int) -> Iterator[tuple[ProcessPoolExecutor, Callable[[], Iterator[Any]]]]:
    """Start processes; yield their pool, and a call that drains what they have told so far."""
    context = get_context("spawn")  # fork would copy BLAS's and torch's threads in any state
    queue: Queue[Any] = context.Queue()
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(queue,))
    with mock.patch.dict(os.environ, ONE_THREAD):
        try:
            yield pool, lambda: _drained(queue)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise
        else:
            pool.shutdown()


def finished(futures: Iterable[Future[T]], idle: Callable[[], None]) -> Iterator[Future[T]]:
    """Yield futures as they finish, and call ``idle`` between two looks."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=OFTEN, return_when=FIRST_COMPLETED)
        idle()
        yield from done


def _begin(queue: Queue[Any]) -> None:
    # The parent alone answers Ctrl-C; a worker's traceback would bury the report.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Mouth.queue = queue


def _drained(queue: Queue[Any]) -> Iterator[Any]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return
