"""StyleGAN2: style generator, discriminator and path-length term."""
