"""The critic judges several samples at once, and so sees which are missing."""
