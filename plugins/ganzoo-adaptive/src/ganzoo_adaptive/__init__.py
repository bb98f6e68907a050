"""Differentiable augmentations: ADA, which adapts its own probability, and DiffAugment."""
