"""DCGAN at many image sizes, and the loss of the first GAN."""
