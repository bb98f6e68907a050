"""R3GAN: a pair of residual networks without normalisation, and its recipes."""
