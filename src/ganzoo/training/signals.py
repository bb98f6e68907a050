"""Turns Ctrl-C, SIGTERM and a closing terminal into a request to stop after the current step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

ALWAYS = (signal.SIGINT, signal.SIGTERM)

SIGNALS = (*ALWAYS, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
"""Signals that stop a run; Windows has no SIGHUP."""


@dataclass
class StopRequest:
    """Whether a signal asked the run to end.

    Args:
        signal: number of the signal, None before one arrives.
    """

    signal: int | None = None


@contextmanager
def catch_signals() -> Iterator[StopRequest]:
    """Record the first SIGINT, SIGTERM or SIGHUP in a request; a second one has its usual effect.

    An ignored SIGHUP, as under ``nohup``, stays ignored. Outside the main thread, where signals cannot be caught,
    nothing is changed.
    """
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def handle(number: int, frame: FrameType | None) -> None:
        stop.signal = number
        _install(before)

    found = {number: signal.getsignal(number) for number in SIGNALS}
    before = {n: handler for n, handler in found.items() if n in ALWAYS or handler is not signal.SIG_IGN}
    _install(dict.fromkeys(before, handle))
    try:
        yield stop
    finally:
        _install(before)


def _install(handlers: dict) -> None:  # type: ignore[type-arg]
    for number, handler in handlers.items():
        signal.signal(number, handler)
