"""The classical minimum of losses; every other loss lives in a plugin."""
