"""Corrections: what guests have asked for, who has which number now, and what became of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from tessera.events.models import Arrival, Correction, Event, Lease, Numbering, NumberSetAside, Registration
from tessera.events.rules.corrections import standing_of_number
from tessera.events.rules.door import shown_number
from tessera.kit.media import PICTURE_SIZES, picture_address
from tessera.kit.paging import MAX_PAGE, Page, page_of, position_of

__all__ = [
    "CorrectionRow",
    "Holder",
    "count_open_corrections",
    "find_open_correction",
    "list_corrections",
    "list_corrections_of_guest",
    "open_among",
]


@dataclass(frozen=True, slots=True)
class Holder:
    """A guest with his number as it stands now (`number` None: he is not here any more); `shown` as on the badge.

    `picture` is its address.
    """

    registration_id: UUID
    name: str
    picture: str
    group: str
    number: int | None
    shown: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction with its guest, who has the wanted number now, and whether that can be given.

    `standing` is "free", "own", "taken", "void", "leased", "outside" (rules.corrections), "any" where no number is wanted,
    or "away" where the guest is not here any more; `wanted_shown` and `new_shown` as on a badge.
    """

    correction: Correction
    guest: Holder
    other: Holder | None
    standing: str
    old_shown: str
    wanted_shown: str
    new_shown: str


def count_open_corrections(event_id: UUID) -> int:
    """Return how many corrections wait for a reviewer."""
    return Correction.objects.filter(event_id=event_id, state="open").count()


def find_open_correction(event_id: UUID, registration_id: UUID) -> Correction | None:
    """Return what the guest has asked for and waits for, or None."""
    return Correction.objects.filter(event_id=event_id, registration_id=registration_id, state="open").first()


def list_corrections(
    event: Event, *, waiting: bool | None = None, cursor: str | None = None, limit: int = 50
) -> Page[CorrectionRow]:
    """Return corrections: those that wait (oldest first), those that are done (newest first), or (None) all, newest first."""
    limit = min(limit, MAX_PAGE)
    found = Correction.objects.filter(event_id=event.id)
    if waiting is not None:
        found = found.filter(state="open") if waiting else found.exclude(state="open")
    if (position := position_of(cursor)) is not None:
        found = found.filter(id__gt=position) if waiting else found.filter(id__lt=position)
    page = page_of(
        list(found.order_by("id" if waiting else "-id")[: limit + 1]), limit=limit, key=lambda one: one.id
    )
    return Page(_rows(event, page.items), page.next_cursor)


def list_corrections_of_guest(event: Event, registration_id: UUID) -> Sequence[CorrectionRow]:
    """Return the last twenty corrections of one guest, newest first."""
    found = Correction.objects.filter(event_id=event.id, registration_id=registration_id)
    return _rows(event, list(found.order_by("-id")[:20]))


def open_among(event_id: UUID, correction_ids: Collection[UUID]) -> set[UUID]:
    """Return which of the corrections still wait."""
    found = Correction.objects.filter(event_id=event_id, id__in=list(correction_ids), state="open")
    return set(found.values_list("id", flat=True))


def _rows(event: Event, corrections: Sequence[Correction]) -> Sequence[CorrectionRow]:
    wanted = {one.wanted_number for one in corrections if one.wanted_number is not None}
    by_number = {
        one.number: one for one in Arrival.objects.filter(event_id=event.id, number__in=sorted(wanted))
    }
    ids = {one.registration_id for one in corrections}
    ids |= {one.other_registration_id for one in corrections if one.other_registration_id}
    ids |= {one.registration_id for one in by_number.values()}
    holders = _holders(event, ids)
    void = set(
        NumberSetAside.objects.filter(event_id=event.id, number__in=sorted(wanted)).values_list(
            "number", flat=True
        )
    )
    leases = list(
        Lease.objects.filter(event_id=event.id).values_list("first_number", "last_number") if wanted else []
    )
    run_end = Numbering.objects.values_list("run_end", flat=True).get(pk=event.id)

    def row(one: Correction) -> CorrectionRow:
        guest = holders[one.registration_id]
        holder = by_number.get(one.wanted_number) if one.wanted_number is not None else None
        other_id = one.other_registration_id or (
            holder.registration_id if holder and one.state == "open" else None
        )
        if guest.number is None:
            standing = "away"
        elif one.wanted_number is None:
            standing = "any"
        else:
            standing = standing_of_number(
                one.wanted_number,
                own=guest.number,
                first=event.number_start,
                run_end=run_end,
                taken=by_number,
                void=void,
                leases=leases,
            )
        other = holders[other_id] if other_id and other_id != one.registration_id else None
        return CorrectionRow(
            one,
            guest,
            other,
            standing,
            _shown(event, one.number, guest),
            _shown(event, one.wanted_number, guest),
            _shown(event, one.new_number, guest),
        )

    return [row(one) for one in corrections]


def _holders(event: Event, registration_ids: Collection[UUID]) -> dict[UUID, Holder]:
    here = {
        one.registration_id: one
        for one in Arrival.objects.filter(event_id=event.id, registration_id__in=registration_ids)
    }
    found = Registration.objects.filter(event_id=event.id, id__in=registration_ids)
    holders = {}
    for guest in found.only("event_id", "id", "name", "picture", "group"):
        arrival = here.get(guest.id)
        prefix = arrival.prefix if arrival else ""
        shown = shown_number(arrival.number, prefix=prefix, width=event.number_width) if arrival else ""
        number = arrival.number if arrival else None
        picture = picture_address(guest.picture, PICTURE_SIZES[0])
        holders[guest.id] = Holder(guest.id, guest.name, picture, guest.group, number, shown)
    return holders


def _shown(event: Event, number: int | None, guest: Holder) -> str:
    """Write a number as this guest's badge would show it."""
    if number is None:
        return ""
    digits = shown_number(number, prefix="", width=event.number_width)
    own = shown_number(guest.number, prefix="", width=event.number_width) if guest.number is not None else ""
    return guest.shown.removesuffix(own) + digits
