"""Metrics beyond the core's: what a study of generators asks for besides distance, precision and coverage."""
