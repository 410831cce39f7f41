"""The base of every error that a person at the terminal can mend."""

__all__ = ["Mendable"]


class Mendable(Exception):  # noqa: N818 - read as "this is mendable", as Refusal is
    """Something is in the way that a person can mend; the text is one sentence for that person, never a traceback."""
