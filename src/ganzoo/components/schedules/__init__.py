"""Settings that change with the samples seen."""
