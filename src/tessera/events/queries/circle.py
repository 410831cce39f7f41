"""The circle as one of its guests sees it: faces by number, the jotter, one's own circles; what the organiser counts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from tessera.events.models import (
    Arrival,
    CircleClosure,
    CircleProfile,
    Event,
    Jotting,
    MutualInterest,
    Registration,
)
from tessera.events.queries.circle_search import Found, look_up_number
from tessera.events.queries.events import EventRow, events_by_id
from tessera.events.rules.circle import HIGHEST_NUMBER, closes_at, initial_of, may_see, seen_by_of, terms_of
from tessera.events.rules.door import shown_number
from tessera.kit.clock import EPOCH
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.talk.queries import blocked_ids, list_talking

__all__ = [
    "CircleCounts",
    "Eye",
    "Face",
    "JottingRow",
    "OwnCircle",
    "count_circle",
    "eye_of",
    "faces_by_person",
    "find_arrived",
    "find_guest",
    "find_jotting",
    "find_profile",
    "get_face",
    "is_circle_closed",
    "is_mutual",
    "list_faces",
    "list_jottings",
    "list_own_circles",
    "list_recent",
    "mutual_with",
]

_NOBODY = UUID(int=0)
_MOST_CIRCLES = 100
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Eye:
    """Who looks: a guest (None: nobody in particular), whom he talks with, and whom he does not see."""

    person_id: UUID | None
    talking: frozenset[UUID] = frozenset()
    hidden: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Face:
    """A guest as another one sees him: what is not for him to see is empty. `shown` is the number as on the badge."""

    person_id: UUID
    number: int
    shown: str
    arrived_at: datetime | None
    own: bool
    talking: bool
    name: str = ""
    picture: str = ""
    appearance: str = ""
    introduction: str = ""
    interests: str = ""

    @property
    def bare(self) -> bool:
        """Whether there is nothing to see but the number."""
        return not (self.picture or self.appearance or self.introduction or self.interests)


@dataclass(frozen=True, slots=True)
class JottingRow:
    """A noted number: who has it, if anybody has and shows himself, and whether he has noted one's own."""

    number: int
    remark: str
    at: datetime
    face: Face | None
    mutual: bool


@dataclass(frozen=True, slots=True)
class OwnCircle:
    """One of a person's circles; `state` is "running", "past" (still open) or "closed"."""

    row: EventRow
    state: str
    shown: str
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class CircleCounts:
    """What the organiser may know of a circle, also after it was closed."""

    profiles: int
    pictures: int
    jottings: int
    mutual: int
    closed_at: datetime | None = None


# --- Faces ------------------------------------------------------------------------------------------------------------


def eye_of(event_id: UUID, person_id: UUID | None) -> Eye:
    """Return how a guest sees the circle: where one of two has blocked the other, neither sees the other."""
    if person_id is None:
        return Eye(None)
    return Eye(person_id, list_talking(event_id, person_id), blocked_ids(person_id))


def list_faces(event: Event, found: Sequence[Found], eye: Eye) -> list[Face]:
    """Return the guests that were found, in the same order, each with what `eye` may see of him."""
    persons = [one.person_id for one in found]
    profiles = {
        one.person_id: one for one in CircleProfile.objects.filter(event_id=event.id, person_id__in=persons)
    }
    names = dict(
        Registration.objects.filter(event_id=event.id, person_id__in=persons).values_list("person_id", "name")
    )
    fields = terms_of(event.circle).fields
    return [
        _face(event, one, profiles.get(one.person_id), names.get(one.person_id, ""), eye, fields)
        for one in found
    ]


def faces_by_person(event: Event, person_ids: Collection[UUID], eye: Eye) -> dict[UUID, Face]:
    """Return those of the persons who have arrived and whom `eye` sees, by id."""
    rows = Arrival.objects.filter(person_id__in=set(person_ids) - eye.hidden, event_id=event.id)
    found = [Found(*row) for row in rows.values_list("person_id", "number", "prefix", "arrived_at")]
    return {face.person_id: face for face in list_faces(event, found, eye)}


def get_face(event: Event, number: int, eye: Eye) -> Face:
    """Return the guest with this number as `eye` sees him; refuses `not_found` for a number that nobody has, or not for him."""
    found = look_up_number(event.id, number, hidden=eye.hidden)
    if found is None:
        raise NotFound
    return list_faces(event, [found], eye)[0]


def find_guest(event_id: UUID, number: int, *, hidden: Collection[UUID] = ()) -> UUID | None:
    """Return who has this number."""
    found = look_up_number(event_id, number, hidden=hidden)
    return found.person_id if found else None


def find_arrived(event_id: UUID, registration_id: UUID) -> UUID | None:
    """Return the person behind a registration who has arrived, or None."""
    arrivals = Arrival.objects.filter(event_id=event_id, registration_id=registration_id)
    return arrivals.values_list("person_id", flat=True).first()


def is_circle_closed(event_id: UUID) -> bool:
    """Return whether the circle of an event was closed."""
    return CircleClosure.objects.filter(pk=event_id).exists()


def find_profile(event_id: UUID, person_id: UUID) -> CircleProfile | None:
    """Return what the guest has said about himself, or None where he has not yet."""
    return CircleProfile.objects.filter(event_id=event_id, person_id=person_id).first()


def list_recent(event: Event, eye: Eye, *, cursor: str | None = None, limit: int = 20) -> Page[Face]:
    """Return who has arrived, the latest first. Refuses `cursor_invalid`."""
    rows = Arrival.objects.filter(event_id=event.id).exclude(person_id__in=eye.hidden)
    if place := _place_of(cursor):
        at, number = place
        rows = rows.filter(Q(arrived_at__lt=at) | Q(arrived_at=at, number__lt=number))
    found = [
        Found(*row)
        for row in rows.order_by("-arrived_at", "-number").values_list(
            "person_id", "number", "prefix", "arrived_at"
        )[: limit + 1]
    ]
    return page_of(
        list_faces(event, found, eye), limit=limit, key=lambda face: _position(face.arrived_at, face.number)
    )


def _place_of(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the moment and the number behind a cursor; refuses `cursor_invalid`."""
    position = position_of(cursor)
    if position is None:
        return None
    try:
        at = EPOCH + (position.int >> 64) * _MICROSECOND
    except OverflowError:
        raise CursorInvalid from None
    return at, min(position.int & (1 << 64) - 1, HIGHEST_NUMBER)


def _position(at: datetime | None, number: int) -> UUID:
    moment = (at or EPOCH).astimezone(UTC)
    return UUID(int=((moment - EPOCH) // _MICROSECOND) << 64 | number)


def _face(
    event: Event,
    found: Found,
    profile: CircleProfile | None,
    registered: str,
    eye: Eye,
    fields: Collection[str],
) -> Face:
    own, talking = found.person_id == eye.person_id, found.person_id in eye.talking
    to = seen_by_of(profile.seen_by if profile else {}, fields)
    seen = {
        field: getattr(profile, field) if profile and may_see(to[field], talking=talking, own=own) else ""
        for field in ("picture", "appearance", "introduction", "interests")
        if field in fields
    }
    name = (profile.name if profile else "") or registered
    if not may_see(to["name"], talking=talking, own=own):
        name = "" if to["name"] == "nobody" else initial_of(name)
    return Face(
        person_id=found.person_id,
        number=found.number,
        shown=shown_number(found.number, prefix=found.prefix, width=event.number_width),
        arrived_at=found.arrived_at,
        own=own,
        talking=talking,
        name=name,
        **seen,
    )


# --- Jotter -----------------------------------------------------------------------------------------------------------


def list_jottings(event: Event, eye: Eye, *, cursor: str | None = None, limit: int = 50) -> Page[JottingRow]:
    """Return the numbers that the guest has noted, the latest first. Refuses `cursor_invalid`."""
    person_id = eye.person_id or _NOBODY
    rows = Jotting.objects.filter(event_id=event.id, person_id=person_id)
    if place := _place_of(cursor):
        at, number = place
        rows = rows.filter(Q(at__lt=at) | Q(at=at, number__lt=number))
    jottings = list(rows.order_by("-at", "-number")[: limit + 1])
    arrivals = Arrival.objects.filter(event_id=event.id, number__in=[one.number for one in jottings])
    found = [
        Found(*row)
        for row in arrivals.exclude(person_id__in=eye.hidden).values_list(
            "person_id", "number", "prefix", "arrived_at"
        )
    ]
    faces = {face.number: face for face in list_faces(event, found, eye)}
    both = mutual_with(event.id, person_id, [face.person_id for face in faces.values()])
    shown = [
        JottingRow(one.number, one.remark, one.at, face, face is not None and face.person_id in both)
        for one in jottings
        for face in [faces.get(one.number)]
    ]
    return page_of(shown, limit=limit, key=lambda one: _position(one.at, one.number))


def find_jotting(event_id: UUID, person_id: UUID, number: int) -> Jotting | None:
    """Return what the guest has noted about a number, or None."""
    return Jotting.objects.filter(event_id=event_id, person_id=person_id, number=number).first()


def is_mutual(event_id: UUID, one_id: UUID, other_id: UUID) -> bool:
    """Return whether two guests have noted each other's number."""
    return bool(mutual_with(event_id, one_id, [other_id]))


def mutual_with(event_id: UUID, person_id: UUID, others: Iterable[UUID]) -> set[UUID]:
    """Return those of the others with whom the person has noted each other's number."""
    among = list(others)
    pairs = MutualInterest.objects.filter(
        Q(low_id=person_id, high_id__in=among) | Q(high_id=person_id, low_id__in=among), event_id=event_id
    ).values_list("low_id", "high_id")
    return {high if low == person_id else low for low, high in pairs}


# --- One's own circles, and counts ------------------------------------------------------------------------------------


def list_own_circles(person_id: UUID, *, now: datetime) -> list[OwnCircle]:
    """Return the circles of the events where the person has arrived, the latest first; at most a hundred."""
    arrivals = {one.event_id: one for one in Arrival.objects.filter(person_id=person_id)}
    closed = set(CircleClosure.objects.filter(pk__in=arrivals).values_list("pk", flat=True))
    rows = sorted(
        events_by_id(arrivals, now=now).values(),
        key=lambda row: (row.event.starts_at, row.event.id),
        reverse=True,
    )
    return [
        OwnCircle(
            row,
            "closed" if row.event.id in closed else "past" if now > row.event.ends_at else "running",
            shown_number(
                arrivals[row.event.id].number,
                prefix=arrivals[row.event.id].prefix,
                width=row.event.number_width,
            ),
            closes_at(row.event.ends_at, row.event.circle),
        )
        for row in rows[:_MOST_CIRCLES]
    ]


def count_circle(event_id: UUID) -> CircleCounts:
    """Return what may be counted of a circle; of one that was closed as it was then."""
    closure = CircleClosure.objects.filter(pk=event_id).first()
    if closure is not None:
        kept = {name: int(closure.counts.get(name, 0)) for name in ("pictures", "jottings", "mutual")}
        return CircleCounts(profiles=closure.erased, closed_at=closure.at, **kept)
    profiles = CircleProfile.objects.filter(event_id=event_id)
    return CircleCounts(
        profiles=profiles.count(),
        pictures=profiles.exclude(picture="").count(),
        jottings=Jotting.objects.filter(event_id=event_id).count(),
        mutual=MutualInterest.objects.filter(event_id=event_id).count(),
    )
