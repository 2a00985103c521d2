"""The journal: what happened, in order, durable; and the tables made from it."""
