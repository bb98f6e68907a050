"""The inputs of metrics: reals, fakes, their features, and the cache of features."""
