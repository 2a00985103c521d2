"""A synthetic day: people, officers, breaks and no-shows, on a virtual clock or against a running server."""
