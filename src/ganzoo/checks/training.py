"""What every part of a game must do once it stands in one: train."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ganzoo.assembly.build import build_engine
from ganzoo.checks.recording import assert_orderly, record_steps
from ganzoo.checks.resume import resume_differences
from ganzoo.checks.subject import Subject
from ganzoo.registry.kinds import KIND_SPECS

TRAINED = tuple(kind for kind, spec in KIND_SPECS.items() if spec.role in ("network", "objective", "weights"))
"""Kinds whose components take part in a step of training."""

REMEMBERING = tuple(kind for kind, spec in KIND_SPECS.items() if spec.role == "objective")
"""Those of them that may hold a state without being modules, which a checkpoint then loses."""


def check_trains(subject: Subject) -> None:
    """Two tiny steps beside parts that fit: finite scalars, each phase moves its player alone, no wait for a device."""
    for conditional in subject.conditional:
        assert_orderly(record_steps(subject.game(conditional=conditional), subject.registry, steps=2))


def check_resumes(subject: Subject) -> None:
    """Two tiny steps, a save and two more after it end as four steps in a row do, bit for bit."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        differing = resume_differences(lambda: build_engine(subject.game(), subject.registry), Path(folder), steps=2)
    assert not differing, (
        f"resumed training differs from straight training in {', '.join(differing[:4])}: "
        "what a part remembers must be buffers of an nn.Module"
    )
