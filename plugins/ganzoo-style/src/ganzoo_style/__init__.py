"""StyleGAN2: a generator with an intermediate space of styles, its discriminator, the path-length term."""
