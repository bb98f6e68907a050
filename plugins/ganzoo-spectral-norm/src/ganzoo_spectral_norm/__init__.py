"""Spectral normalisation, the residual networks of SNGAN and the hinge loss."""
