"""Wasserstein GANs: the loss, weight clipping, the gradient penalty."""
