"""Ticket numbers: how they are put together, taken apart, and read from what a person types. Pure."""

from collections.abc import Iterable


def number_text(prefix: str, serial: int) -> str:
    """("A", 12) → "A012"."""
    return f"{prefix}{serial:03d}"


def split_number(number: str) -> tuple[str, int]:
    """Splits "A012" into ("A", 12)."""
    letters = number.rstrip("0123456789")
    return letters, int(number[len(letters) :])


def meant_by(text: str, numbers: Iterable[str]) -> list[str]:
    """The numbers that somebody means who writes "c 2", "C-002" or only "2"; empty when it is none."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    letters = plain.rstrip("0123456789")
    digits = plain[len(letters) :]
    if not digits:
        return []
    serial = int(digits)
    return [n for n in numbers if (part := split_number(n))[1] == serial and letters in ("", part[0].upper())]
