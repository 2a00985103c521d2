"""View rows made from the office day. Pure."""
