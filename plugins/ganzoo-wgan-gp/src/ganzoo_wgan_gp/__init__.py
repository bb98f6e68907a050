"""Wasserstein GANs: the loss, weight clipping and the gradient penalty."""
