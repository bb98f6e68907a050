"""Conditional GANs: three discriminator heads, and conditional batch normalisation for the generator."""
