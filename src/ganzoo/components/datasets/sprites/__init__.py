"""Sprites: procedural pictures whose content, style and palette are known."""
