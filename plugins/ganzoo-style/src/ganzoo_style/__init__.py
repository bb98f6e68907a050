"""StyleGAN2: a generator with an intermediate space of styles, its critic, the path-length penalty."""
