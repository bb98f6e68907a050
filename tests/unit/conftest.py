"""Hypothesis without a clock: on two shared cores a draw may take a second and mean nothing by it."""

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
