"""Devices of an office: printer, keypad and counter panel, real and simulated."""
