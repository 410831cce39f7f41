"""What templates say: icons, fields, numbers, moments, ids (`{% load tessera %}`)."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID, uuid4

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tessera.events.queries.crew import works_at_door
from tessera.kit import clock
from tessera.kit.ids import show_id
from tessera.kit.phones import masked_phone
from tessera.kit.reader import local_day, local_moment, shown_money, shown_number

__all__ = ["register"]

register = template.Library()
_ICONS = Path(__file__).parent.parent / "icons"


@cache
def _drawn(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+", name):
        raise ValueError(name)
    svg = (_ICONS / f"{name}.svg").read_text(encoding="utf-8")
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return " ".join(inner.split())


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Draw an icon (site/icons); it says nothing to a screen reader: its button or link carries the name."""
    return mark_safe(  # noqa: S308 - our own files
        f'<svg class="icon {extra}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{_drawn(name)}</svg>'
    )


@register.simple_tag
def request_id() -> SafeString:
    """Write the hidden field that makes a form happen once."""
    return format_html('<input type="hidden" name="request_id" value="{}">', uuid4().hex)


@register.simple_tag
def field(bound: BoundField, kind: str = "") -> SafeString:
    """Write a form's field with label, hint and refusal; `kind` is an extra class for the control."""
    described = [f"{bound.auto_id}-hint"] if bound.help_text else []
    described += [f"{bound.auto_id}-error"] if bound.errors else []
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if kind:
        attributes["class"] = kind
    control = bound.as_widget(attrs=attributes)
    shape = type(bound.field.widget).__name__
    return render_to_string("site/parts/field.html", {"bound": bound, "control": control, "shape": shape})


@register.simple_tag
def doors_of(person_id: UUID) -> bool:
    """Say whether the person works at the door of an event."""
    return works_at_door(person_id, now=clock.now())


@register.filter
def points(value: int) -> str:
    """Write a number of points, or any whole number."""
    return shown_number(int(value))


@register.filter
def signed(value: int) -> str:
    """Write a number with its sign: "+3", "−2"."""
    return ("+" if value > 0 else "") + shown_number(int(value))


@register.filter
def money(minor: int | None, currency: str = "CNY") -> str:
    """Write an amount of money given in the smallest unit."""
    return "" if minor is None else shown_money(minor, currency)


@register.filter
def moment(at: datetime | None, zone: str | None = None) -> str:
    """Write a moment in the time zone given (default: the platform's)."""
    return "" if at is None else local_moment(at, zone)


@register.filter
def day(at: date | datetime | None, zone: str | None = None) -> str:
    """Write a day."""
    return "" if at is None else local_day(at, zone)


@register.filter
def last_day(ends: datetime | None, zone: str | None = None) -> str:
    """Write the last day on which something that ends at this moment can be used."""
    return "" if ends is None else local_day(ends - timedelta(microseconds=1), zone)


@register.filter
def distance(metres: int) -> str:
    """Write a distance: "350 m", "1.2 km", "14 km"."""
    if metres < 950:
        return f"{max(50, round(metres, -1))} m"
    return f"{metres / 1000:.1f} km" if metres < 9_950 else f"{shown_number(round(metres / 1000))} km"


@register.filter
def shown(value: UUID, prefix: str) -> str:
    """Write an id as addresses carry it: `{{ merchant.id|shown:"mer" }}`."""
    return show_id(prefix, value)


@register.filter
def masked(phone: str | None) -> str:
    """Write a phone number as others may see it."""
    return masked_phone(phone) if phone else ""


@register.filter
def initial(name: str) -> str:
    """Return what stands in for a picture: the name's first character."""
    return (name or "·")[:1].upper()
