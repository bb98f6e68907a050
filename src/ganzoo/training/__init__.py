"""The training loop, what it saves, and what it draws at random."""
