"""The HTTP door: commands, catalogue, state."""
