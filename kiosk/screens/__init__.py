"""How pages look: kv for layout, Python for filling in. No rule lives here."""
