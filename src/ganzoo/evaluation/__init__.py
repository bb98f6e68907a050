"""Evaluation: metrics that compare samples of a run with its data, recorded with their evaluation protocol."""
