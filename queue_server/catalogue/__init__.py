"""Procedures of the one-stop shop: what they are, what they need, and how people find them."""
