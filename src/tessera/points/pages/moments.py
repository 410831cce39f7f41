"""Moments as people type them: in the merchant's own time."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

__all__ = ["MomentField"]

_FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A day and time in the zone that is set with `zone`; empty where it may be."""

    zone: ZoneInfo = ZoneInfo("UTC")

    def __init__(self, **named: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_FORMAT)
        super().__init__(
            widget=widget, input_formats=[_FORMAT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **named
        )

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment in UTC."""
        found = super().to_python(value)
        return None if found is None else found.replace(tzinfo=self.zone).astimezone(UTC)

    def prepare_value(self, value: Any) -> Any:
        """Return what the control shows."""
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(self.zone).strftime(_FORMAT)
        return value
