"""Persons over the API: parse, one action or query, respond."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, is_operator, require
from tessera.kit.errors import NotFound
from tessera.kit.fields import Body, Cursor, Limit, ListOut, Name, Text
from tessera.kit.ids import parse_id, show_id
from tessera.kit.phones import normal_phone
from tessera.people import exports, queries
from tessera.people.actions import persons, privacy
from tessera.people.models import Consent, Person
from tessera.people.sight import phone_for, sight_of

__all__ = ["router"]

router = Router(tags=["persons"])


class PersonIn(Body):
    """A person to make known."""

    phone: Name = Field(examples=["+86 100 0000 0001"])
    nickname: Text = ""
    birthday: date | None = None
    language: Literal["zh-Hans", "en"] = "zh-Hans"
    district: Text = ""


class PersonChange(Body):
    """What to change; what is left out stays."""

    nickname: Text = ""
    birthday: date | None = None
    language: Literal["zh-Hans", "en"] = "zh-Hans"
    district: Text = ""


class PersonOut(BaseModel):
    """A person; the phone number is masked unless the key may see it whole."""

    id: str
    phone: str | None
    nickname: str
    birthday: date | None
    language: str
    district: str
    created_at: datetime
    registered_at: datetime | None
    erased_at: datetime | None


class PersonWritten(BaseModel):
    """Answer to a write: kept for ever, so it names nobody. Read the person for more."""

    id: str
    registered_at: datetime | None


class ConsentIn(Body):
    """What the person agreed to, or (given: false) withdrew."""

    purpose: Name
    text_version: Name
    given: bool


class ConsentOut(BaseModel):
    """One line of a person's consents."""

    id: str
    purpose: str
    text_version: str
    given: bool
    at: datetime
    recorded_by: str


class ErasureIn(Body):
    """Why the person is erased."""

    reason: Text = ""


class ErasureOut(BaseModel):
    """The person was erased."""

    person: str
    at: datetime


class ExportOut(BaseModel):
    """Everything that is kept about a person, by rooms."""

    person: str
    made_of: dict[str, object]


def _shown(person: Person, *, whole: bool, own: bool = True) -> PersonOut:
    """`own`: the reader may see what the person told the platform of himself; a merchant may not, once he registered."""
    return PersonOut(
        id=show_id("per", person.id),
        phone=phone_for(person, whole=whole),
        nickname=person.nickname,
        birthday=person.birthday if own else None,
        language=person.language,
        district=person.district if own else "",
        created_at=person.created_at,
        registered_at=person.registered_at,
        erased_at=person.erased_at,
    )


def _written(person: Person, *, status: int = 200) -> Done:
    body = PersonWritten(id=show_id("per", person.id), registered_at=person.registered_at)
    return Done(body=body, object_id=person.id, status=status)


def _consent(consent: Consent) -> ConsentOut:
    return ConsentOut(
        id=show_id("con", consent.id),
        purpose=consent.purpose,
        text_version=consent.text_version,
        given=consent.given,
        at=consent.at,
        recorded_by=consent.actor,
    )


def _seen(actor: Actor, person_id: UUID) -> bool:
    sight = sight_of(actor, [person_id])
    if person_id not in sight:
        raise NotFound
    return sight[person_id]


@router.post("/persons", response={201: PersonWritten}, summary="Make a person known by phone number")
def create_person(request: KnownRequest, body: PersonIn) -> HttpResponse:
    """The phone number is not proven by this: that is the registration. Needs the scope `operator`."""

    def act(actor: Actor, now: datetime) -> Done:
        phone = normal_phone(body.phone, region=settings.TESSERA_DEFAULT_REGION)
        person = persons.open_person(
            phone=phone,
            nickname=body.nickname,
            birthday=body.birthday,
            language=body.language,
            district=body.district,
            now=now,
            actor=actor,
        )
        return _written(person, status=201)

    return answer_write(request, act, verb="open_person", kind="person", scope="operator")


@router.get("/persons", response=ListOut[PersonOut], summary="List persons")
def list_persons(
    request: KnownRequest,
    phone: Name | None = None,
    registered: bool | None = None,
    cursor: Cursor | None = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Oldest first. Needs the scope `operator`; merchants list their customers."""
    require(request, "operator")
    number = normal_phone(phone, region=settings.TESSERA_DEFAULT_REGION) if phone else None
    page = queries.list_persons(phone=number, registered=registered, cursor=cursor, limit=limit)
    items = [_shown(person, whole=True) for person in page.items]
    return answer(ListOut[PersonOut](items=items, next_cursor=page.next_cursor))


@router.get("/persons/{person}", response=PersonOut, summary="Read a person")
def read_person(request: KnownRequest, person: str) -> HttpResponse:
    """A merchant's key reads the merchant's customers. Needs the scope `members:read`."""
    actor = require(request, "members:read")
    person_id = parse_id("per", person)
    whole = _seen(actor, person_id)
    found = queries.get_person(person_id)
    return answer(_shown(found, whole=whole, own=is_operator(actor) or found.registered_at is None))


@router.patch("/persons/{person}", response=PersonWritten, summary="Change a person's details")
def change_person(request: KnownRequest, person: str, body: PersonChange) -> HttpResponse:
    """A merchant changes only customers who have not registered. Needs the scope `members:write`."""
    person_id = parse_id("per", person)

    def act(actor: Actor, now: datetime) -> Done:
        _seen(actor, person_id)
        described = body.model_dump(include=set(body.model_fields_set))
        return _written(
            persons.describe_person(person_id=person_id, described=described, now=now, actor=actor)
        )

    return answer_write(
        request, act, verb="describe_person", kind="person", scope="members:write", object_id=person_id
    )


@router.post("/persons/{person}/registration", response={201: PersonWritten}, summary="Register a person")
def create_registration(request: KnownRequest, person: str) -> HttpResponse:
    """The operator has seen the phone number proven. Needs the scope `operator`."""
    person_id = parse_id("per", person)

    def act(actor: Actor, now: datetime) -> Done:
        return _written(persons.register_person(person_id=person_id, now=now, actor=actor), status=201)

    return answer_write(
        request, act, verb="register_person", kind="person", scope="operator", object_id=person_id
    )


@router.post("/persons/{person}/consents", response={201: ConsentOut}, summary="Record a consent")
def create_consent(request: KnownRequest, person: str, body: ConsentIn) -> HttpResponse:
    """A withdrawal is a record too: `given: false`. Needs the scope `members:write`."""
    person_id = parse_id("per", person)

    def act(actor: Actor, now: datetime) -> Done:
        _seen(actor, person_id)
        consent = privacy.record_consent(
            person_id=person_id,
            purpose=body.purpose,
            text_version=body.text_version,
            given=body.given,
            now=now,
            actor=actor,
        )
        return Done(body=_consent(consent), object_id=person_id, details={"given": body.given})

    return answer_write(
        request, act, verb="record_consent", kind="person", scope="members:write", object_id=person_id
    )


@router.get("/persons/{person}/consents", response=ListOut[ConsentOut], summary="List a person's consents")
def list_consents(
    request: KnownRequest, person: str, cursor: Cursor | None = None, limit: Limit = 50
) -> HttpResponse:
    """Oldest first. Needs the scope `members:read`."""
    actor = require(request, "members:read")
    person_id = parse_id("per", person)
    _seen(actor, person_id)
    queries.get_person(person_id)
    page = queries.list_consents(person_id, cursor=cursor, limit=limit)
    items = [_consent(consent) for consent in page.items]
    return answer(ListOut[ConsentOut](items=items, next_cursor=page.next_cursor))


@router.get("/persons/{person}/export", response=ExportOut, summary="Export everything about a person")
def export_person(request: KnownRequest, person: str) -> HttpResponse:
    """For the person: what every room keeps about him. Needs the scope `operator`."""
    require(request, "operator")
    person_id = parse_id("per", person)
    return answer(ExportOut(person=show_id("per", person_id), made_of=exports.assemble_export(person_id)))


@router.post("/persons/{person}/erasure", response={201: ErasureOut}, summary="Erase a person")
def create_erasure(request: KnownRequest, person: str, body: ErasureIn) -> HttpResponse:
    """Takes away what names the person; ids, purchases and points stay. Needs the scope `operator`."""
    person_id = parse_id("per", person)

    def act(actor: Actor, now: datetime) -> Done:
        erasure = privacy.erase_person(person_id=person_id, reason=body.reason, now=now, actor=actor)
        return Done(body=ErasureOut(person=show_id("per", person_id), at=erasure.at), object_id=person_id)

    return answer_write(
        request, act, verb="erase_person", kind="person", scope="operator", object_id=person_id
    )
