"""Settings that move while a run trains."""
