"""DCGAN at any size, and the losses of the first GAN."""
