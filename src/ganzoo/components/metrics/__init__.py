"""Metrics: how good the samples are."""
