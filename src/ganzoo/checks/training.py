"""What every part of a game must do once it stands in one: train."""

from __future__ import annotations

from ganzoo.checks.subject import Subject
from ganzoo.checks.watch import assert_orderly, watched_steps

TRAINED = ("generator", "discriminator", "loss", "penalty", "conditioning", "constraint", "augmentation")
"""Kinds whose parts take part in a step of training."""


def check_trains(subject: Subject) -> None:
    """Two tiny steps beside parts that fit: finite scalars, each phase moves its player alone, no wait for a device."""
    for conditional in subject.conditional:
        assert_orderly(watched_steps(subject.game(conditional=conditional), subject.registry, steps=2))
