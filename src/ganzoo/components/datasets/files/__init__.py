"""Readers of image files and archives, and the cache of decoded images."""
