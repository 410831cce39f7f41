"""How a registration's state is said on pages and in tables."""

from django.utils.translation import gettext, pgettext

__all__ = ["state_word"]


def state_word(state: str) -> str:
    """Return a state in the reader's language: that of the registration, or "arrived"."""
    return {
        "pending": gettext("to review"),
        "accepted": gettext("accepted"),
        "declined": gettext("declined"),
        "waitlisted": gettext("waitlist"),
        "cancelled": gettext("cancelled"),
        "arrived": pgettext("registration", "arrived"),
    }[state]
