"""Trainers: players and phases, one training algorithm a file."""
