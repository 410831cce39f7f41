"""Pure rules about notices: quiet hours, pauses between attempts, where a notice may go."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = [
    "CHANNELS",
    "DEFAULT_QUIET",
    "MOST_ATTEMPTS",
    "SECURITY",
    "Quiet",
    "channels_for",
    "is_mail_address",
    "pause_after",
]

CHANNELS = ("push", "email", "sms")
MOST_ATTEMPTS = 8
SECURITY = "security"
"""Notices of this kind wait for no quiet hours and cannot be opted out of."""
_LONGEST_PAUSE = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of a day in which nobody is disturbed: minutes after midnight; the same twice means never."""

    from_minute: int
    to_minute: int

    def ends_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """Return when a notice of `moment` may leave: at once outside quiet hours, else at their end in `zone`.

        Where clocks are put forward over that end, the moment after the gap counts.
        """
        at = moment.astimezone(zone)
        minute = at.hour * 60 + at.minute
        over_midnight = self.from_minute > self.to_minute
        within = (
            (minute >= self.from_minute or minute < self.to_minute)
            if over_midnight
            else self.from_minute <= minute < self.to_minute
        )
        if not within:
            return moment
        day = at.date() + timedelta(days=int(over_midnight and minute >= self.from_minute))
        end = datetime(day.year, day.month, day.day, self.to_minute // 60, self.to_minute % 60, tzinfo=zone)
        return end.astimezone(moment.tzinfo)


DEFAULT_QUIET = Quiet(22 * 60, 8 * 60)
"""22:00 to 08:00, unless the operator or the person says otherwise."""


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after that many failed attempts: 1, 2, 4 ... minutes, at most two hours."""
    return min(timedelta(minutes=2 ** max(0, attempts - 1)), _LONGEST_PAUSE)


def channels_for(*, reachable: Collection[str], refused: Collection[str], must: bool) -> tuple[str, ...]:
    """Return the channels that a notice takes: where the person is reached and has not opted out.

    A notice that must arrive (security) cannot be opted out of.
    """
    return tuple(one for one in CHANNELS if one in reachable and (must or one not in refused))


def is_mail_address(text: str) -> bool:
    """Say whether `text` can be an e-mail address that we send to: one @, a dot in the domain, no blanks, no tricks."""
    if len(text) > 254 or text.count("@") != 1 or any(c.isspace() or c in '<>,;:"()[]\\' for c in text):
        return False
    name, _, domain = text.partition("@")
    parts = domain.split(".")
    return bool(name) and len(name) <= 64 and len(parts) > 1 and all(
        part and not part.startswith("-") and not part.endswith("-") for part in parts
    ) and not (name.startswith(".") or name.endswith(".") or ".." in name)  # fmt: skip
