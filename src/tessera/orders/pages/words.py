"""Words for what is kept as a code: by which door a receipt came in."""

from django.utils.translation import gettext

__all__ = ["source_word"]


def source_word(source: str) -> str:
    """Return by which door a purchase or return came in, in the reader's language; an unknown one as it is kept."""
    words = {
        "api": gettext("Till"),
        "import": gettext("Imported file"),
        "counter": gettext("Counter page"),
        "console": gettext("Console page"),
        "demo": gettext("Demo"),
    }
    return words.get(source, source)
