"""The training loop, one training step, checkpoints, batches and random numbers."""
