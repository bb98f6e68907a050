"""Conditional GANs: how labels enter the generator and the discriminator."""
