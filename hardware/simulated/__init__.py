"""Simulated devices that behave, and misbehave, like the real ones."""
