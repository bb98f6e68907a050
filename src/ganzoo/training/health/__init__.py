"""Health measures of a run while it trains, and what they mean."""
