"""Forms of badges and printers, and the words for their states and faults."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tessera.events.models import Event
from tessera.events.rules.badges import BadgeDesign, design_of

__all__ = [
    "FAULT_WORDS", "LANGUAGE_WORDS", "STATE_WORDS", "BindingForm", "DesignForm", "PrinterForm", "ReasonForm",
    "RemovalForm", "SheetForm", "fault_word",
]  # fmt: skip

STATE_WORDS = {
    "queued": _("Queued"),
    "sent": _("Being sent"),
    "printed": _("Printed"),
    "failed": _("Failed"),
}
LANGUAGE_WORDS = {
    "tspl": _("Label printer, TSPL (TSC and alike)"),
    "zpl": _("Label printer, ZPL (Zebra and alike)"),
    "escpos": _("Receipt printer, ESC/POS (58 or 80 mm)"),
    "browser": _("Printed by the terminal's browser"),
}
FAULT_WORDS = {
    "address_forbidden": _("no printer may be at this address"),
    "unknown_host": _("the printer's name is unknown in this network"),
    "away": _("the printer is off or not in the network"),
    "timed_out": _("the printer does not answer"),
    "reset": _("the connection broke"),
    "cover_open": _("the cover is open"),
    "paper_out": _("out of paper"),
    "paper_jam": _("the paper is jammed"),
    "ribbon_out": _("out of ribbon"),
    "paused": _("the printer is paused"),
    "printer_fault": _("the printer reports a fault"),
    "printer_gone": _("the printer was removed"),
    "not_arrived": _("the arrival was undone"),
    "stopped": _("the server stopped while printing"),
}
_SHOWS = [
    ("title", _("Title of the event")),
    ("name", _("Name of the guest")),
    ("group", _("Group")),
    ("qr", _("QR code that opens the profile in the circle")),
    ("mark", _("Tally mark")),
]
_NUMBERS = [("full", _("As large as fits")), ("large", _("Large")), ("medium", _("Medium"))]
_PAPERS = [("label", _("Label printer: each on a page of its own")), ("a4", "A4"), ("letter", "Letter")]


def fault_word(fault: str) -> str:
    """Return what a fault says to people."""
    return str(FAULT_WORDS.get(fault, fault))


_LONGEST_SIZE = 3
"""Digits of a size in mm."""


class DesignForm(forms.Form):
    """Size and content of the badge."""

    width_mm = forms.IntegerField(label=_("Width in mm"), min_value=20, max_value=210)
    height_mm = forms.IntegerField(label=_("Height in mm"), min_value=15, max_value=300)
    shows = forms.MultipleChoiceField(
        label=_("Beside the number"), choices=_SHOWS, widget=forms.CheckboxSelectMultiple, required=False
    )
    number = forms.ChoiceField(label=_("Size of the number"), choices=_NUMBERS, widget=forms.RadioSelect)

    @property
    def design(self) -> BadgeDesign:
        """What was chosen, after the form was found valid."""
        said = self.cleaned_data
        return BadgeDesign(said["width_mm"], said["height_mm"], frozenset(said["shows"]), said["number"])

    @staticmethod
    def filled(event: Event, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the event's design, with a size that the address names."""
        design = design_of(event.badge)
        width, height = (given.get(name, "") for name in ("width_mm", "height_mm"))
        return {
            "width_mm": int(width) if _is_size(width) else design.width_mm,
            "height_mm": int(height) if _is_size(height) else design.height_mm,
            "shows": list(design.shows),
            "number": design.number,
        }


class SheetForm(forms.Form):
    """Which labels, and onto which paper."""

    who = forms.ChoiceField(
        label=_("Which badges"),
        choices=[
            ("arrived", _("Guests who have arrived")),
            ("blank", _("Numbers without names, printed ahead")),
        ],
        widget=forms.RadioSelect,
        initial="arrived",
    )
    numbers = forms.CharField(
        label=_("Numbers"),
        required=False,
        max_length=500,
        help_text=_("Such as 3, 7, 12-20. Empty: all who have arrived."),
    )
    number_prefix = forms.ChoiceField(label=_("Prefix"), required=False)
    paper = forms.ChoiceField(label=_("Paper"), choices=_PAPERS, initial="label")
    columns = forms.IntegerField(
        label=_("Columns"), required=False, min_value=1, max_value=6, help_text=_("Empty: as many as fit.")
    )
    rows = forms.IntegerField(label=_("Rows"), required=False, min_value=1, max_value=12)
    gap_mm = forms.IntegerField(label=_("Gap in mm"), required=False, min_value=0, max_value=50, initial=0)
    margin_mm = forms.IntegerField(
        label=_("Least margin in mm"), required=False, min_value=0, max_value=50, initial=5
    )
    skip = forms.IntegerField(
        label=_("Labels already used on the first sheet"),
        required=False,
        min_value=0,
        max_value=71,
        initial=0,
    )
    marks = forms.BooleanField(label=_("Crop marks"), required=False, initial=True)

    def __init__(self, *given: Any, prefixes: Mapping[str, Any], **named: Any) -> None:
        super().__init__(*given, **named)
        values = sorted({str(one) for one in prefixes.values() if one})
        field = self.fields["number_prefix"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None")), *((one, one) for one in values)]
        if not values:
            del self.fields["number_prefix"]


class ReasonForm(forms.Form):
    """Why a badge is printed once more, and where."""

    printer = forms.ChoiceField(label=_("Printer"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off"}),
    )

    def __init__(self, *given: Any, printers: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["printer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = printers


class PrinterForm(forms.Form):
    """A printer: how it is called, which language it speaks, where it stands and what paper it holds."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("Such as “Door A, left”."))
    language = forms.ChoiceField(
        label=_("Kind"), choices=list(LANGUAGE_WORDS.items()), widget=forms.RadioSelect, initial="tspl"
    )
    host = forms.CharField(
        label=_("Address in the network"), required=False, max_length=200,
        help_text=_("Such as 192.168.1.50; printers tell it on their status page. Not needed for a browser."),
    )  # fmt: skip
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=9100)
    width_mm = forms.IntegerField(
        label=_("Width in mm"),
        min_value=20,
        max_value=210,
        help_text=_("What it can print: 48 on 58 mm paper, 72 on 80 mm."),
    )
    height_mm = forms.IntegerField(label=_("Height in mm"), min_value=15, max_value=300)
    dots_per_mm = forms.TypedChoiceField(
        label=_("Resolution"),
        coerce=int,
        initial=8,
        choices=[(8, _("203 dpi (usual)")), (12, "300 dpi"), (24, "600 dpi")],
    )

    def clean(self) -> dict[str, Any]:
        """Say at the field that a printer in the network needs an address."""
        said = super().clean() or {}
        if said.get("language") != "browser" and not said.get("host") and "host" not in self.errors:
            self.add_error("host", _("Without an address the server cannot reach the printer."))
        return said


class BindingForm(forms.Form):
    """Which printer a terminal prints at."""

    printer = forms.ChoiceField(label=_("Printer"), required=False)

    def __init__(self, *given: Any, printers: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, **named)
        field = self.fields["printer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Prints nothing")), *printers]


class RemovalForm(BindingForm):
    """Which printer takes over what was waiting."""

    def __init__(self, *given: Any, printers: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*given, printers=printers, **named)
        field = self.fields["printer"]
        assert isinstance(field, forms.ChoiceField)
        field.label = _("Waiting badges go to")
        field.choices = [("", _("Nowhere: they fail")), *printers]


def _is_size(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) <= _LONGEST_SIZE
