"""The use cases, shared by the command line and Python: train, sample, evaluate, train a classifier."""
