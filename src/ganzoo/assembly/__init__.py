"""From a recipe and what was laid over it to built parts; refuses what cannot fit before anything is built."""
