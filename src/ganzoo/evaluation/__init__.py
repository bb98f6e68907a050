"""Evaluation: samples of a run held against its data, by metrics, with the protocol stamped on every reading."""
