"""The messages of a conversation as lines with days between them, a piece at a time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from tessera.events.gate import GuestPlace
from tessera.kit import clock
from tessera.kit.ids import parse_id, show_id
from tessera.kit.paging import position_of
from tessera.kit.reader import local_day
from tessera.talk.queries import Message, TalkRow, list_messages, list_messages_since

__all__ = ["earlier_lines", "lines_of", "newer_lines", "short_moment"]

_A_PIECE = 40
_MOST_NEW = 200


def short_moment(at: datetime, now: datetime, zone: str) -> str:
    """Return a moment as a list of conversations shows it: the time today, else the day."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    return f"{local:%H:%M}" if local.date() == today else _day(local.date(), today)


def lines_of(place: GuestPlace, row: TalkRow, before: str | None) -> dict[str, Any]:
    """Return the end of a conversation, or the piece that ends before the mark `before`; refuses `cursor_invalid`."""
    found = list_messages(place.event.id, row.id, person_id=place.person_id, cursor=before, limit=_A_PIECE)
    said = found.items[::-1]
    lines = _lines(place, said, None)
    day = ""
    if (
        lines and found.next_cursor
    ):  # the piece before may belong to the same day: its mark is swapped with the link
        day, lines[0]["day"] = lines[0]["day"], ""
    return {
        "lines": lines,
        "earlier_day": day,
        "earlier_cursor": found.next_cursor,
        "last_id": show_id("msg", said[-1].id) if said else "",
        "not_at_end": before is not None,
    }


def earlier_lines(place: GuestPlace, row: TalkRow, before: str) -> dict[str, Any]:
    """Return the piece before the mark; `day_after`: the day that the piece below it begins with, if it is another one."""
    shown = lines_of(place, row, before)
    below = _first_below(place, row, before)
    last = shown["lines"][-1]["on"] if shown["lines"] else None
    shown["day_after"] = _day(below, _today(place)) if below is not None and below != last else ""
    return shown


def newer_lines(place: GuestPlace, row: TalkRow, after: str) -> dict[str, Any] | None:
    """Return what was written after the message `after` ("": everything); None where that is too much for one piece."""
    mark = parse_id("msg", after) if after else UUID(int=0)
    found = list_messages_since(place.event.id, row.id, mark, person_id=place.person_id, limit=_MOST_NEW)
    if len(found) > _MOST_NEW:
        return None
    known = found[0].at if found and found[0].id == mark else None
    fresh = [one for one in found if one.id != mark]
    last = show_id("msg", fresh[-1].id) if fresh else after
    return {"lines": _lines(place, fresh, known), "last_id": last}


def _today(place: GuestPlace) -> date:
    return clock.now().astimezone(ZoneInfo(place.event.time_zone)).date()


def _first_below(place: GuestPlace, row: TalkRow, before: str) -> date | None:
    """Return the day of the message that the mark stands for: the oldest that the page shows already."""
    mark = position_of(before) or UUID(int=0)
    found = list_messages_since(place.event.id, row.id, mark, person_id=place.person_id, limit=1)
    return found[0].at.astimezone(ZoneInfo(place.event.time_zone)).date() if found else None


def _lines(place: GuestPlace, said: Sequence[Message], before: datetime | None) -> list[dict[str, Any]]:
    zone, today = ZoneInfo(place.event.time_zone), _today(place)
    day = before.astimezone(zone).date() if before else None
    lines = []
    for one in said:
        local = one.at.astimezone(zone)
        lines.append(
            {
                "id": show_id("msg", one.id),
                "own": one.from_id == place.person_id,
                "text": one.text,
                "at": one.at,
                "time": f"{local:%H:%M}",
                "on": local.date(),
                "day": _day(local.date(), today) if local.date() != day else "",
            }
        )
        day = local.date()
    return lines


def _day(day: date, today: date) -> str:
    if day == today:
        return gettext("Today")
    return gettext("Yesterday") if today - day == timedelta(days=1) else local_day(day)
