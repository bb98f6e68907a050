"""Sprites: procedural images with known content, style and palette."""
