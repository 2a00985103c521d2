"""Texts of the office in its languages."""

Words = dict[str, str]  # language ("vi", "en") → text
