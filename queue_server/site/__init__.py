"""The site file: which office this is, when it is open, who serves what."""
