"""Samples by seed, style mixing, walks through latent space."""
