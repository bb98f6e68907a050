"""Training algorithms: players and phases, one a file."""
