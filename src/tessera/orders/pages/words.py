"""Words for what is kept as a code: by which door a receipt came in."""

from django.utils.translation import gettext as say

__all__ = ["source_word"]


def source_word(source: str) -> str:
    """Return by which door a purchase or return came in, in the reader's language; an unknown one as it is kept."""
    words = {
        "api": say("Till"),
        "import": say("Imported file"),
        "counter": say("Counter page"),
        "console": say("Console page"),
        "demo": say("Demo"),
    }
    return words.get(source, source)
