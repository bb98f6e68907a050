"""Whether a run is well while it trains: readings, what they mean, and who takes them."""
