"""Augmentations a GAN learns through: ADA, which steers its own strength, and DiffAugment."""
