"""What generators, discriminators and conditionings have in common: they can be copied, saved and restored."""

from __future__ import annotations

from ganzoo.checks.assertions import assert_copies, assert_restores
from ganzoo.checks.subject import Subject

SIZES = ((1, 8, 8), (4, 12, 12), (3, 14, 14), (2, 28, 28))
"""``base * 2^k`` with bases 3 to 7, and 1 to 4 channels."""


def check_copies(subject: Subject) -> None:
    """A deep copy gives the same output: the moving average starts from one."""
    built = subject.build()
    assert_copies(built.use_network(), built.run_network, subject.label)


def check_state(subject: Subject) -> None:
    """All that decides the output is in the state_dict."""
    for conditional in subject.conditional:
        built, other = (subject.build(conditional=conditional, seed=seed) for seed in (0, 1))
        assert_restores(built.use_network(), other.network, built.run_network, subject.label)
