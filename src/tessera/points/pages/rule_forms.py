"""The editor of an earning rule: what is typed, as terms that the rules understand."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.kit.amounts import exponent_of, minor_from_text
from tessera.kit.errors import AmountInvalid
from tessera.merchants.gate import Workplace
from tessera.points.pages.moments import MomentField
from tessera.points.rules import (
    CapTerms,
    CategoryTerms,
    MultiplierTerms,
    ProductTerms,
    RuleVersion,
    SpendTerms,
    TermsInvalid,
)
from tessera.points.wording import factor_words

__all__ = ["RuleForm", "basket_rows", "initial_of", "tier_rows"]

_DAYS = (
    ("1", _("Mon")), ("2", _("Tue")), ("3", _("Wed")), ("4", _("Thu")), ("5", _("Fri")), ("6", _("Sat")), ("7", _("Sun")),
)  # fmt: skip
_MOST_ROWS = 20
_FRACTION = re.compile(r"^(\d{1,4})\s*/\s*(\d{1,4})$")


class RuleForm(forms.Form):
    """Everything but tiers, products and categories, which are lists; the kind says which fields count."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Members read it on their receipts."))
    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=100_000)
    per = forms.CharField(
        label=_("For every full"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    factor = forms.CharField(
        label=_("Points times"),
        max_length=9,
        help_text=_("Such as 2, 1.5 or 4/3."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    birthday = forms.BooleanField(label=_("Only on the member's birthday"), required=False)
    weekdays = forms.MultipleChoiceField(
        label=_("Only on"), choices=_DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    levels = forms.CharField(
        label=_("Only for these levels"),
        required=False,
        max_length=200,
        help_text=_("Separate several with a comma."),
    )
    stores = forms.MultipleChoiceField(
        label=_("Only in these stores"), required=False, widget=forms.CheckboxSelectMultiple
    )
    effective_from = MomentField(label=_("Holds from"), required=False, help_text=_("Empty: at once."))
    effective_until = MomentField(label=_("Holds until"), required=False, help_text=_("Empty: without end."))
    position = forms.IntegerField(
        label=_("Place among rules of its kind"),
        required=False,
        min_value=-1000,
        max_value=1000,
        help_text=_("The lower one counts first; usually 0."),
    )

    _OF_KIND: Mapping[str, frozenset[str]] = {
        "product": frozenset(),
        "category": frozenset(),
        "spend": frozenset({"points", "per"}),
        "multiplier": frozenset({"factor", "birthday", "weekdays", "levels"}),
        "cap": frozenset({"points"}),
    }

    def __init__(
        self,
        *given: Any,
        kind: str,
        workplace: Workplace,
        stores: Mapping[UUID, str],
        named: bool,
        **more: Any,
    ) -> None:
        super().__init__(*given, **more)
        merchant = workplace.merchant
        self.kind, self.currency = kind, merchant.currency
        self.again = partial(type(self), kind=kind, workplace=workplace, stores=stores, named=named)
        every = frozenset[str]().union(*self._OF_KIND.values())
        for field in every - self._OF_KIND[kind]:
            del self.fields[field]
        if not named:
            del self.fields["name"]
        shops = self.fields.get("stores")
        assert isinstance(shops, forms.MultipleChoiceField)
        shops.choices = [(str(store_id), name) for store_id, name in stores.items()]
        for field in ("effective_from", "effective_until"):
            moment = self.fields[field]
            assert isinstance(moment, MomentField)
            moment.zone = ZoneInfo(merchant.time_zone)

    def clean_per(self) -> int:
        """Return the amount in the smallest unit of money."""
        exponent = exponent_of(self.currency)
        try:
            minor = minor_from_text(self.cleaned_data["per"], field="per", exponent=exponent)
        except AmountInvalid:
            minor = 0
        if minor <= 0:
            raise forms.ValidationError(gettext("This is not an amount such as 10.00."))
        return minor

    def clean_factor(self) -> tuple[int, int]:
        """Return the factor as a fraction of whole numbers."""
        text = self.cleaned_data["factor"].strip().replace("×", "")
        fraction = _FRACTION.match(text)
        if fraction:
            return int(fraction[1]), int(fraction[2])
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal(0)
        if not Decimal("0.001") <= number <= Decimal(1000) or number != number.quantize(Decimal("0.001")):
            raise forms.ValidationError(gettext("This is not a factor such as 2, 1.5 or 4/3."))
        return number.as_integer_ratio()

    def written(self, posted: QueryDict) -> dict[str, Any]:
        """Return the terms as plain values; raises TermsInvalid where a list holds what is no number."""
        told = self.cleaned_data
        match self.kind:
            case "product":
                return {"product_ids": posted.getlist("product_ids"), "tiers": _tiers(posted)}
            case "category":
                return {"category_ids": posted.getlist("category_ids"), "tiers": _tiers(posted)}
            case "spend":
                return {"points": told["points"], "per_minor": told["per"]}
            case "cap":
                return {"points": told["points"]}
        num, den = told["factor"]
        levels = [one.strip() for one in re.split(r"[,，、;；]", told["levels"]) if one.strip()]
        days = [int(day) for day in told["weekdays"]]
        return {"num": num, "den": den, "levels": levels, "birthday": told["birthday"], "weekdays": days}

    @property
    def store_ids(self) -> list[UUID]:
        """The stores that were chosen."""
        return [UUID(one) for one in self.cleaned_data["stores"]]


def tier_rows(posted: QueryDict) -> list[tuple[str, str]]:
    """Return the rows of tiers as they were typed: pieces and points."""
    return list(zip(posted.getlist("tier_quantity"), posted.getlist("tier_points"), strict=False))[
        :_MOST_ROWS
    ]


def basket_rows(posted: QueryDict) -> list[tuple[str, str]]:
    """Return the rows of the basket to try as they were typed: article number and pieces."""
    return list(zip(posted.getlist("basket_sku"), posted.getlist("basket_quantity"), strict=False))[
        :_MOST_ROWS
    ]


def _tiers(posted: QueryDict) -> list[dict[str, Any]]:
    rows = [(pieces.strip(), points.strip()) for pieces, points in tier_rows(posted)]
    if any(bool(pieces) != bool(points) for pieces, points in rows):
        raise TermsInvalid("tier_incomplete", "tiers")
    return [{"quantity": _whole(pieces), "points": _whole(points)} for pieces, points in rows if pieces]


def _whole(text: str) -> int | str:
    """A whole number, or the text as it stands, which the rules refuse with their own sentence."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def initial_of(version: RuleVersion, *, currency: str) -> dict[str, Any]:
    """Return what the editor shows of a version: its fields, `tiers` and the chosen `product_ids` or `category_ids`."""
    shown: dict[str, Any] = {
        "name": version.name,
        "position": version.position,
        "stores": [str(one) for one in version.store_ids],
        "effective_until": version.effective_until,
    }
    match version.terms:
        case ProductTerms(product_ids, tiers):
            shown |= {"product_ids": sorted(map(str, product_ids)), "tiers": _rising(tiers)}
        case CategoryTerms(category_ids, tiers):
            shown |= {"category_ids": sorted(map(str, category_ids)), "tiers": _rising(tiers)}
        case SpendTerms(points, per_minor):
            shown |= {"points": points, "per": _money(per_minor, exponent_of(currency))}
        case MultiplierTerms(num, den, levels, birthday, weekdays):
            shown |= {
                "factor": factor_words(num, den),
                "levels": ", ".join(sorted(levels)),
                "birthday": birthday,
                "weekdays": [str(day) for day in sorted(weekdays)],
            }
        case CapTerms(points):
            shown |= {"points": points}
    return shown


def _rising(tiers: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(str(pieces), str(points)) for pieces, points in reversed(tiers)]


def _money(minor: int, digits: int) -> str:
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)
