"""SQLite's own check of the file: pages, tables, and that every index says what its table says."""

import sqlite3


def unsound(connection: sqlite3.Connection) -> str:
    """The first thing that is wrong with the file, empty when it is sound; reads all of it. Raises `sqlite3.Error`."""
    first = connection.execute("pragma integrity_check(1)").fetchone()
    return "" if first is None or first[0] == "ok" else " ".join(str(first[0]).split())
