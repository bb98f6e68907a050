"""The discriminator classifiers several samples at once, and so sees which are missing."""
