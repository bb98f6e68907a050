"""The only training loop, and the state it saves."""
