"""Forms of corrections: what a guest asks for, and what a reviewer does about it."""

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tessera.events.rules.corrections import LONGEST_REASON, MOST_NUMBER

__all__ = ["VERDICTS", "AskForm", "DecisionForm"]

VERDICTS = ("wanted", "next", "other", "swapped", "refused")
_WRITTEN = re.compile(r"\D{0,8}?([0-9]{1,9})$")


class NumberField(forms.CharField):
    """A number as it stands on a badge: with its prefix and zeros, or without; empty: none."""

    def __init__(self, **named: Any) -> None:
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=20, required=False, widget=forms.TextInput(attributes), **named)

    def clean(self, value: Any) -> Any:
        """Return the number, or None."""
        text = unicodedata.normalize("NFKC", super().clean(value))
        if not text:
            return None
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) > MOST_NUMBER:
            raise ValidationError(_("Type the number as it stands on the badge."))
        return int(found[1])


class ReasonField(forms.CharField):
    """Some words, in a few lines at most, without characters that nobody sees."""

    def __init__(self, **named: Any) -> None:
        super().__init__(max_length=LONGEST_REASON, widget=forms.Textarea({"rows": 3}), **named)

    def clean(self, value: Any) -> str:
        """Return the words; refuses what nobody can see."""
        text: str = super().clean(value)
        if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} and one not in "\r\n" for one in text):
            raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))
        return text


class AskForm(forms.Form):
    """What a guest asks for."""

    wanted = NumberField(
        label=_("The number on your badge"),
        help_text=_("As printed on the badge that you wear. Leave it empty if any other number will do."),
    )
    reason = ReasonField(
        label=_("What happened?"), help_text=_("For example: I was handed somebody else's badge.")
    )


class DecisionForm(forms.Form):
    """What a reviewer does: gives the number wanted, the next of the run, or another `number`; swaps; or refuses with a reason."""

    verdict = forms.ChoiceField(choices=[(one, one) for one in VERDICTS])
    number = NumberField(label=_("Another number"))
    reason = ReasonField(
        label=_("Reason"), required=False, help_text=_("The guest reads this, word for word.")
    )

    def clean(self) -> dict[str, Any]:
        """Return what was decided; a no needs a reason."""
        given = super().clean() or self.cleaned_data
        if given.get("verdict") == "refused" and not given.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why: the guest reads it."))
        if given.get("verdict") == "other" and given.get("number") is None and "number" not in self.errors:
            self.add_error("number", _("Type the number as it stands on the badge."))
        return given
