"""What components promise each other: the protocols of every kind, and the records that pass between them."""
