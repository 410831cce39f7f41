"""Fields that the forms of registration share."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tessera.kit.phones import normal_phone
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["PhoneField", "TextField"]


class TextField(forms.CharField):
    """A text of one line without control or invisible characters."""

    def clean(self, value: Any) -> str:
        """Return the text; refuses what nobody can see."""
        text: str = super().clean(value)
        if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} for one in text):
            raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))
        return text


class PhoneField(TextField):
    """A phone number, made E.164."""

    def __init__(self, **named: Any) -> None:
        attributes = {"type": "tel", "inputmode": "tel", "autocomplete": "off"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attributes), **named)

    def clean(self, value: Any) -> str:
        """Return the number in E.164."""
        try:
            return normal_phone(super().clean(value), region=settings.TESSERA_DEFAULT_REGION)
        except Refusal as refusal:
            raise ValidationError(refusal.message(reader_language())) from None
