"""What is asked about a file of purchases: which column holds what, how it is written, what to do with new products."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.orders.imports.columns import guessed_columns

__all__ = ["DATE_FORMS", "MappingForm", "UploadForm"]

DATE_FORMS: dict[str, tuple[str, ...]] = {
    "year": (),
    "day": ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y"),
    "month": ("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m-%d-%Y %H:%M", "%m-%d-%Y"),
}  # fmt: skip
"""How days are written -> the forms that are tried; none: those with the year first."""

ENCODINGS = (
    ("auto", _("Found out")),
    ("utf-8", "UTF-8"),
    ("gb18030", _("GB 18030 / GBK (Chinese Windows)")),
    ("utf-16", "UTF-16"),
)

_ROLES = (
    ("receipt", _("Receipt number"), True),
    ("product", _("Product (SKU)"), True),
    ("quantity", _("Pieces"), True),
    ("phone", _("Member's phone number"), False),
    ("number", _("Customer number"), False),
    ("occurred_at", _("Day, or day and time"), False),
    ("time", _("Time of day (where it stands apart)"), False),
    ("amount", _("Amount paid for the line"), False),
    ("unit_price", _("Price of a piece"), False),
    ("store", _("Store number"), False),
    ("description", _("Product name"), False),
)


class UploadForm(forms.Form):
    """The file itself."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        help_text=_(
            "Up to 64 MB, about 700,000 lines; with headings in the first line. UTF-8, GBK or UTF-16."
        ),
    )


class MappingForm(forms.Form):
    """Which column holds what; a select for each role, filled in as far as the headings tell."""

    encoding = forms.ChoiceField(label=_("Characters"), choices=ENCODINGS, required=False)
    date_order = forms.ChoiceField(
        label=_("Days are written"),
        choices=[
            ("year", _("2026-11-22 (year first)")),
            ("day", _("22/11/2026 (day first)")),
            ("month", _("11/22/2026 (month first)")),
        ],
        required=False,
    )
    add_products = forms.BooleanField(
        label=_("List products that the catalogue lacks, without price or category"), required=False
    )
    anew = forms.BooleanField(
        label=_("Begin at the first line, though a file of this name is half in"), required=False
    )

    def __init__(self, *given: Any, header: Sequence[str], **named: Any) -> None:
        guessed = guessed_columns(header) if header else {}
        initial = {f"role_{role}": heading for role, heading in guessed.items()}
        super().__init__(
            *given, **{**named, "initial": {**initial, "date_order": "year", **named.get("initial", {})}}
        )
        headings = [heading.strip() for heading in header if heading.strip()]
        choices = [("", "–"), *((heading, heading) for heading in dict.fromkeys(headings))]
        for role, label, needed in _ROLES:
            self.fields[f"role_{role}"] = forms.ChoiceField(label=label, choices=choices, required=needed)

    @property
    def role_fields(self) -> list[forms.BoundField]:
        """The selects, in their order."""
        return [self[f"role_{role}"] for role, _label, _needed in _ROLES]

    @property
    def columns(self) -> dict[str, str]:
        """Role -> heading, as it was chosen."""
        named = {role: self.cleaned_data.get(f"role_{role}") for role, _label, _needed in _ROLES}
        return {role: heading for role, heading in named.items() if heading}

    @property
    def date_forms(self) -> tuple[str, ...]:
        """The forms that days are read in."""
        return DATE_FORMS[self.cleaned_data.get("date_order") or "year"]

    def clean(self) -> dict[str, Any]:
        """Refuse a file in which nobody is named, and one column for two things."""
        told = super().clean() or {}
        if not (told.get("role_phone") or told.get("role_number")):
            self.add_error(
                "role_phone", gettext("Choose the column that names the member: phone or customer number.")
            )
        taken: dict[str, str] = {}
        for role, _label, _needed in _ROLES:
            heading = told.get(f"role_{role}")
            if heading and heading in taken:
                self.add_error(f"role_{role}", gettext("This column already holds something else."))
            elif heading:
                taken[heading] = role
        return told
