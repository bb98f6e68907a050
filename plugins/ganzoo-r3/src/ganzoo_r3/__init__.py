"""R3GAN: residual networks without normalisation, and recipes to train them."""
