"""Samples by seed, style mixing, walks through latent space; what is listed here is public."""

from ganzoo.sampling.style_mixing import mix_styles

__all__ = ["mix_styles"]
