"""Memory that nobody uses goes back to the system between two people.

Pictures of letters come and go by the megabyte, and the C library keeps what was freed in between for later.
"""

import ctypes


def give_back() -> bool:
    """Whether something went back; other C libraries than glibc do it by themselves."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
