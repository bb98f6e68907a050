"""Metrics of image quality, memorisation, diversity and conditioning, beyond those of the core."""
