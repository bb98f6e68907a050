"""HTML pages: a run, a comparison, a leaderboard."""
