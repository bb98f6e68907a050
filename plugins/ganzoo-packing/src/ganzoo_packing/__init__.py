"""PacGAN: the discriminator scores several samples at once, so that it sees missing modes."""
