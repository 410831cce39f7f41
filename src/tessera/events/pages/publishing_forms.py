"""The form of an event: what, where, when by the clocks of the place, how many, how it is reviewed and numbered."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tessera.events.models import Event, Question
from tessera.events.queries.events import EventRow
from tessera.events.rules.publishing import (
    CLOSING_DAYS,
    DOORS_BEFORE,
    LONGEST_TITLE,
    MOST_CAPACITY,
    REQUESTS_CAP,
    is_skipped,
)
from tessera.kit.media import PICTURE_ACCEPT

__all__ = ["EventForm", "LineField", "TextsField", "known_of", "wall_of"]

_COMMON_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "UTC")
_WALL = "%Y-%m-%dT%H:%M"
_TIMES = ("starts_at", "ends_at", "doors_at", "registration_from", "registration_until")
_E7 = 10_000_000
_LONGEST_TEXT = 5000

REVIEWS = (
    ("automatic", _("Automatically: whoever comes first, the others wait")),
    ("rules", _("By rules; what they leave open, by hand")),
    ("hand", _("By hand: a person decides about each")),
)


class LineField(forms.CharField):
    """A text of one line without control or invisible characters."""

    def clean(self, value: Any) -> str:
        """Return the text; refuses what nobody can see."""
        text: str = super().clean(value)
        if any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co"} for one in text):
            raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))
        return text


class TextsField(forms.CharField):
    """A text of several lines; control characters but line ends are refused."""

    def __init__(self, *, rows: int = 4, **named: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **named)

    def clean(self, value: Any) -> str:
        """Return the text with plain line ends; refuses what nobody can see."""
        text: str = super().clean(value).replace("\r\n", "\n").replace("\r", "\n")
        if any(unicodedata.category(one) in {"Cc", "Cs", "Co"} and one not in "\n\t" for one in text):
            raise ValidationError(_("This contains characters that cannot be seen. Please type it anew."))
        return text


class WallField(forms.CharField):
    """A time as clocks at the place show it; `EventForm.clean` makes it a moment."""

    def __init__(self, **named: Any) -> None:
        widget = forms.TextInput(attrs={"type": "datetime-local", "step": "60"})
        super().__init__(max_length=25, widget=widget, **named)

    def clean(self, value: Any) -> datetime | None:
        """Return the time without a zone."""
        text = super().clean(value).strip().replace(" ", "T")
        if not text:
            return None
        try:
            wall = datetime.fromisoformat(text)
        except ValueError:
            raise ValidationError(_("Write day and time, such as 2026-12-31 19:30.")) from None
        if wall.tzinfo is not None or not 2000 <= wall.year <= 2200:
            raise ValidationError(_("Write day and time, such as 2026-12-31 19:30."))
        return wall.replace(second=0, microsecond=0)


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


@cache
def _all_zones() -> tuple[str, ...]:
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    )


def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (gettext("Common"), [(zone, zone) for zone in _COMMON_ZONES]),
        (gettext("All"), [(zone, zone) for zone in _all_zones() if zone not in _COMMON_ZONES]),
    ]


class EventForm(forms.Form):
    """An event as its organiser writes it; `event()` is what the actions want."""

    title = LineField(label=_("Title"), max_length=LONGEST_TITLE)
    text = TextsField(
        label=_("What guests should know"),
        required=False,
        max_length=_LONGEST_TEXT,
        rows=6,
        help_text=_("What happens, for whom it is, what to bring. Empty lines make paragraphs."),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, up to 10 MB; wide ones look best."),
        widget=forms.FileInput(attrs={"accept": PICTURE_ACCEPT}),
    )
    no_picture = forms.BooleanField(label=_("Remove the picture"), required=False)
    place = LineField(
        label=_("Place"),
        required=False,
        max_length=100,
        help_text=_("As people call it: a hall, a café, a park."),
    )
    address = LineField(label=_("Address"), required=False, max_length=200)
    district = LineField(label=_("District"), required=False, max_length=60)
    latitude = DegreesField(label=_("Latitude"), most=90)
    longitude = DegreesField(label=_("Longitude"), most=180)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zones, help_text=_("All times below are what clocks there show.")
    )
    starts_at = WallField(label=_("Begins"))
    ends_at = WallField(label=_("Ends"))
    doors_at = WallField(
        label=_("Opening of the doors"),
        required=False,
        help_text=_("Empty: half an hour before the beginning."),
    )
    registration_from = WallField(
        label=_("Registration opens"), required=False, help_text=_("Empty: opens at once.")
    )
    registration_until = WallField(
        label=_("Registration closes"), required=False, help_text=_("Empty: at the beginning.")
    )
    capacity = forms.IntegerField(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=MOST_CAPACITY,
        help_text=_("How many guests can be accepted; who comes later waits. Empty: any number."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    review = forms.ChoiceField(
        label=_("Who decides about registrations"),
        choices=REVIEWS,
        widget=forms.RadioSelect,
        initial="automatic",
    )
    walk_ins = forms.BooleanField(
        label=_("The crew may take in guests who have not registered, while places are left"), required=False
    )
    number_start = forms.IntegerField(
        label=_("First number"),
        min_value=0,
        max_value=9_000_000,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    number_width = forms.IntegerField(
        label=_("Digits"),
        min_value=1,
        max_value=8,
        initial=3,
        help_text=_("With 3 digits, the first guest is 001."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    closing_days = forms.IntegerField(
        label=_("The circle stays open for so many days after the end"),
        min_value=1,
        max_value=365,
        initial=CLOSING_DAYS,
        help_text=_("Then pictures and descriptions of guests are erased."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    requests = forms.IntegerField(
        label=_("Unanswered requests to talk that a guest may have"),
        min_value=1,
        max_value=500,
        initial=REQUESTS_CAP,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(
        self,
        *given: Any,
        row: EventRow | None = None,
        groups: Sequence[Question] = (),
        numbered: bool = False,
        **named: Any,
    ) -> None:
        self._row = row
        self._moments: dict[str, datetime] = {}
        super().__init__(*given, **named)
        if row is None or not row.event.picture:
            del self.fields["no_picture"]
        if numbered:
            for name in ("number_start", "number_width"):
                self.fields[name].disabled = True
        self.prefix_names: list[str] = []
        if row is not None:
            self._ask_groups(row.event, groups)

    def _ask_groups(self, event: Event, groups: Sequence[Question]) -> None:
        """Ask for the question that makes the groups, and for a prefix of each of its choices."""
        choices = [("", gettext("No groups")), *[(str(one.pk), one.label) for one in groups]]
        chosen = str(event.group_question or "")
        self.fields["group_question"] = forms.ChoiceField(
            label=gettext("Groups come from the answer to"),
            choices=choices,
            required=False,
            initial=chosen,
            help_text=gettext("A question with one choice. Save, then give each group a prefix."),
        )
        group = next((one for one in groups if str(one.pk) == chosen), None)
        for place, choice in enumerate(group.terms.get("choices", ()) if group else ()):
            self.prefix_names.append(choice)
            self.fields[f"prefix_{place}"] = LineField(
                label=gettext("Prefix of “{group}”").format(group=choice),
                max_length=4,
                required=False,
                initial=event.prefixes.get(choice, ""),
            )

    def prefix_fields(self) -> list[Any]:
        """Return the fields of the prefixes, for the template."""
        return [self[f"prefix_{place}"] for place in range(len(self.prefix_names))]

    def clean(self) -> dict[str, Any]:
        """Make moments of the times; one that clocks skip that day is refused."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        try:
            zone = ZoneInfo(given.get("time_zone") or "UTC")
        except (ValueError, OSError):
            return given
        for name in _TIMES:
            wall = given.get(name)
            if wall is None:
                continue
            if self._row is not None and wall == wall_of(getattr(self._row.event, name), str(zone)):
                self._moments[name] = getattr(
                    self._row.event, name
                )  # the second of two hours stays the second
            elif is_skipped(wall, zone):
                self.add_error(
                    name, gettext("Clocks are put forward that day: this time does not exist there.")
                )
            else:
                self._moments[name] = wall.replace(tzinfo=zone).astimezone(UTC)
        if (given.get("latitude") is None) != (given.get("longitude") is None):
            self.add_error("latitude", gettext("Give both latitude and longitude, or neither."))
        return given

    def event(self) -> dict[str, Any]:
        """Return what was given, as `draft_event` and `describe_event` want it; times left out are left out."""
        given = self.cleaned_data
        kept = {
            name: given[name]
            for name in ("title", "text", "place", "address", "district", "time_zone", "review", "walk_ins")
        }
        circle = dict(self._row.event.circle) if self._row else {}
        kept |= {
            "latitude_e7": _e7(given["latitude"]),
            "longitude_e7": _e7(given["longitude"]),
            "number_start": given["number_start"],
            "number_width": given["number_width"],
            "circle": circle | {"closing_days": given["closing_days"], "requests": given["requests"]},
        }
        if self._row is not None:
            kept |= self._groups(self._row.event, given)
        starts_at = self._moments["starts_at"]
        usual = {"doors_at": starts_at - DOORS_BEFORE, "registration_until": starts_at}
        return kept | usual | self._moments

    def _groups(self, event: Event, given: Mapping[str, Any]) -> dict[str, Any]:
        chosen = given.get("group_question") or None
        if chosen != (str(event.group_question) if event.group_question else None):
            return {"group_question": UUID(chosen) if chosen else None, "prefixes": {}}
        prefixes = {
            group: given[f"prefix_{place}"]
            for place, group in enumerate(self.prefix_names)
            if given.get(f"prefix_{place}")
        }
        return {"prefixes": prefixes} if self.prefix_names else {}


def wall_of(moment: datetime, time_zone: str) -> datetime:
    """Return what clocks in the zone show at that moment, to the minute."""
    return moment.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None, second=0, microsecond=0)


def known_of(row: EventRow) -> dict[str, Any]:
    """Return what is known of an event, as its form shows it."""
    event = row.event
    known: dict[str, Any] = {
        name: getattr(event, name)
        for name in (
            "title", "text", "place", "address", "district", "time_zone", "review", "number_start", "number_width", "walk_ins",
        )
    }  # fmt: skip
    known |= {name: f"{wall_of(getattr(event, name), event.time_zone):{_WALL}}" for name in _TIMES}
    known |= {"latitude": _degrees(event.latitude_e7), "longitude": _degrees(event.longitude_e7)}
    known |= {
        "capacity": row.capacity,
        "closing_days": event.circle.get("closing_days", CLOSING_DAYS),
        "requests": event.circle.get("requests", REQUESTS_CAP),
    }
    return known


def _degrees(e7: int | None) -> str:
    return "" if e7 is None else f"{Decimal(e7) / _E7:.7f}".rstrip("0").rstrip(".")


def _e7(degrees: Decimal | None) -> int | None:
    return None if degrees is None else int(degrees * _E7)
