"""A simulation by seed: office, kiosks and keypads on virtual time, with faults injected under the code."""
