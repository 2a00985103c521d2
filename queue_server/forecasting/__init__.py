"""Expectations of the office: arrivals, durations, waits, staffing. Pure."""
