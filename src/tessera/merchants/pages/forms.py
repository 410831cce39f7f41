"""Fields that the forms of this room share: texts, phone numbers, credit codes, positions."""

import unicodedata
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tessera.kit.phones import masked_phone, normal_phone
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.merchants.rules import credit_code_fault

__all__ = ["Called", "CodeField", "DegreesField", "PhoneField", "TextField", "e7_of", "masked", "named"]

_WHY = {
    "length": _("A unified social credit code has 18 characters; this one has %(length)s."),
    "character": _(
        "A unified social credit code has digits and capital letters, but never I, O, S, V or Z. Look for a 0 or 1 read as O or I."
    ),
    "check": _(
        "The last character checks the 17 before it and does not fit: one of them is mistyped, or two have changed places."
    ),
}
_E7 = 10_000_000


class TextField(forms.CharField):
    """A text of one line without control or invisible characters."""

    def clean(self, value: Any) -> str:
        """Return the text; refuses what nobody can see."""
        text: str = super().clean(value)
        if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} for one in text):
            raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))
        return text


class PhoneField(TextField):
    """A phone number, made E.164; empty where it may be."""

    def __init__(self, **named: Any) -> None:
        attributes = {"type": "tel", "inputmode": "tel", "autocomplete": "tel"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attributes), **named)

    def clean(self, value: Any) -> str:
        """Return the number in E.164."""
        text = super().clean(value)
        try:
            return normal_phone(text, region=settings.TESSERA_DEFAULT_REGION) if text else ""
        except Refusal as refusal:
            raise ValidationError(refusal.message(reader_language())) from None


class CodeField(TextField):
    """A unified social credit code or nothing; says what is wrong with a wrong one."""

    def clean(self, value: Any) -> str:
        """Return the code in capital letters without blanks."""
        code = unicodedata.normalize("NFKC", super().clean(value)).replace(" ", "").replace("-", "").upper()
        why = credit_code_fault(code) if code else ""
        if why:
            raise ValidationError(_WHY[why], params={"length": len(code)})
        return code


class DegreesField(forms.DecimalField):
    """A latitude or longitude in degrees, to seven places (a centimetre)."""

    def __init__(self, *, most: int, **named: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(
            required=False,
            min_value=-most,
            max_value=most,
            max_digits=10,
            decimal_places=7,
            widget=widget,
            **named,
        )


def e7_of(degrees: Decimal | None) -> int | None:
    """Return ten-millionths of a degree."""
    return None if degrees is None else int(degrees * _E7)


class Called(Protocol):
    """What a person is called by: a name and a phone number, where there are any."""

    nickname: str
    phone: str | None


def masked(person: Called | None) -> str:
    """Return the person's phone number as others may see it; empty where none is known."""
    return masked_phone(person.phone) if person is not None and person.phone else ""


def named(person: Called | None) -> str:
    """Return what a person goes by in a list: the name, else the masked phone number, else nothing but a dot."""
    return (person.nickname if person is not None else "") or masked(person) or "·"
