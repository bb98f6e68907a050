"""Ctrl-C, SIGTERM and a terminal that closes as a wish: the step in progress is finished first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

ALWAYS = (signal.SIGINT, signal.SIGTERM)

SIGNALS = (*ALWAYS, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
"""What asks a run to end; Windows has no terminals that hang up."""


@dataclass
class StopRequest:
    """Whether the user, or the machine, asked the run to end.

    Args:
        signal: the number of the signal that came, None while none did.
    """

    signal: int | None = None


@contextmanager
def catch_signals() -> Iterator[StopRequest]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into a wish; a second one stops at once as it would have.

    A SIGHUP that is ignored, as under ``nohup``, stays ignored.

    Outside the main thread signals cannot be caught, and nothing is changed.
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
