"""The conformance kit: plain functions ``check_*(subject)``, chosen by a component's kind and capabilities."""

from __future__ import annotations

from ganzoo.checks.runner import Check, Result, checks_for, run_check
from ganzoo.checks.subject import Skip, Subject

__all__ = ["Check", "Result", "Skip", "Subject", "checks_for", "run_check"]
