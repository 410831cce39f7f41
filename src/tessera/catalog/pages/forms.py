"""The form of a product: number, name, bar code, price, category, picture."""

import unicodedata
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.catalog.models import Product
from tessera.catalog.queries import list_category_names
from tessera.catalog.rules import GTIN_LENGTHS, check_digit_of, normal_gtin, short_gtin
from tessera.kit.amounts import exponent_of
from tessera.kit.cells import amount_from
from tessera.kit.ids import parse_id, show_id
from tessera.kit.media import PICTURE_ACCEPT
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal

__all__ = ["GtinField", "ProductForm", "shown_price"]


def shown_price(minor: int | None, currency: str) -> str:
    """Return the price as it is typed: "12.50"; empty for none."""
    if minor is None:
        return ""
    digits = exponent_of(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)


def _seen(text: str) -> None:
    if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} for one in text):
        raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))


class GtinField(forms.CharField):
    """A bar code number or nothing; a wrong one is told which digit does not fit."""

    def clean(self, value: Any) -> str:
        """Return the number as typed, without blanks."""
        typed: str = super().clean(value)
        digits = unicodedata.normalize("NFKC", typed).replace(" ", "").replace("-", "")
        if not digits or normal_gtin(digits):
            return digits
        if not (digits.isascii() and digits.isdigit()):
            raise ValidationError(_("A GTIN has digits only."))
        if len(digits) not in GTIN_LENGTHS:
            raise ValidationError(
                _("A GTIN has 8, 12, 13 or 14 digits; this one has %(length)s."),
                params={"length": len(digits)},
            )
        raise ValidationError(
            _(
                "The last digit checks the others and should be %(digit)s here. Compare with the number under the bars."
            ),
            params={"digit": check_digit_of(digits[:-1])},
        )


class ProductForm(forms.Form):
    """A product as staff describe it; the SKU is given once."""

    name = forms.CharField(label=_("Name"), max_length=200, validators=[_seen])
    sku = forms.CharField(
        label=_("SKU"),
        max_length=64,
        validators=[_seen],
        help_text=_("Your own article number, as tills and files write it. It does not change later."),
    )
    gtin = GtinField(
        label=_("GTIN (bar code)"),
        required=False,
        max_length=24,
        help_text=_("The number under the bars: 8, 12, 13 or 14 digits."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    price = forms.CharField(
        label=_("Price"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    new_category = forms.CharField(
        label=_("or a new category"), required=False, max_length=100, validators=[_seen]
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": PICTURE_ACCEPT}),
    )
    without_picture = forms.BooleanField(label=_("Remove the picture"), required=False)

    def __init__(
        self,
        given: Any,
        files: Any,
        *,
        merchant_id: UUID,
        currency: str,
        product: Product | None = None,
    ) -> None:
        super().__init__(given, files, initial=self._known(product, currency) if product else None)
        self._currency = currency
        names = [(show_id("cat", one), name) for one, name in list_category_names(merchant_id).items()]
        self.fields["category"].choices = [("", _("No category")), *names]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["price"].help_text = gettext("In %(currency)s, such as 12.50. Empty: no price.") % {
            "currency": currency
        }
        if product is not None:
            del self.fields["sku"]
        if product is None or not product.picture:
            del self.fields["without_picture"]

    @staticmethod
    def _known(product: Product, currency: str) -> dict[str, str]:
        return {
            "name": product.name,
            "gtin": short_gtin(product.gtin) if product.gtin else "",
            "price": shown_price(product.price_minor, currency),
            "category": show_id("cat", product.category_id) if product.category_id else "",
        }

    def clean_price(self) -> int | None:
        """Return the price in the smallest unit, None for none."""
        text = self.cleaned_data["price"].strip()
        if not text:
            return None
        try:
            return amount_from(
                text, column=str(self.fields["price"].label), exponent=exponent_of(self._currency)
            )
        except Refusal as refusal:
            raise ValidationError(refusal.message(reader_language())) from None

    def category_id(self) -> UUID | None:
        """Return the category that was chosen."""
        chosen = self.cleaned_data["category"]
        return parse_id("cat", chosen) if chosen else None
