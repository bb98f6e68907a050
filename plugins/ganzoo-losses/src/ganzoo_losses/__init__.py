"""Losses and terms of the discriminator that fit any pair of networks."""
