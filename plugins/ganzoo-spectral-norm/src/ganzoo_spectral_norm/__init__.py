"""Spectral normalisation, the SNGAN ResNet pair and the hinge loss."""
