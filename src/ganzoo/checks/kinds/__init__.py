"""The checks of each kind, one kind a file."""
