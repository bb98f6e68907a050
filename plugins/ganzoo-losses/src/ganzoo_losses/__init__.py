"""Losses and penalties of the critic that fit any pair of networks."""
