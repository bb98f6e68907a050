"""Layers that more than one plugin builds from; one idea a file."""
