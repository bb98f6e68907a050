"""The first signal asks the run to stop, the second one ends it at once."""

import signal
import threading

import pytest

from ganzoo.training.signals import SIGNALS, catch_signals


@pytest.fixture
def attended():
    """Take interrupts as a terminal gives them: a shell starts background jobs with interrupts ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_recorded(number):
    outside = signal.signal(number, signal.SIG_DFL)  # these tests may run under nohup
    try:
        with catch_signals() as stop:
            signal.raise_signal(number)
            assert stop.signal == number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, outside)


def test_the_second_interrupt_stops_at_once(attended):
    with pytest.raises(KeyboardInterrupt), catch_signals():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no terminals that hang up")
def test_an_ignored_hangup_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with catch_signals() as stop:
            signal.raise_signal(signal.SIGHUP)
            assert stop.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_other_threads_are_left_alone():
    seen = []
    thread = threading.Thread(target=lambda: seen.extend([_inside()]))
    thread.start()
    thread.join()
    assert seen == [None]


def _inside():
    with catch_signals() as stop:
        return stop.signal
