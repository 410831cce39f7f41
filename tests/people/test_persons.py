"""Persons over the API and in their rules."""

import json
from datetime import UTC, date, datetime

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.errors import PhoneInvalid
from tessera.kit.ids import parse_id
from tessera.kit.models import AuditLine, News, Request
from tessera.kit.phones import masked_phone, normal_phone
from tessera.people.actions.persons import join_person, open_person, register_person
from tessera.people.actions.privacy import record_consent
from tessera.people.errors import AlreadyJoined, JoiningImpossible
from tessera.people.models import Consent, Erasure, Person
from tessera.people.queries import find_joined, has_consent
from tests.cast import NOW, Cast, assert_refused, made_up_phone


def new_person(cast: Cast, **more: object) -> tuple[str, str]:
    phone = made_up_phone()
    response = cast.operator.post("/persons", {"phone": phone, **more})
    assert response.status_code == 201, response.content
    return json.loads(response.content)["id"], phone


def test_a_person_is_read_as_written(cast: Cast) -> None:
    person, phone = new_person(cast, nickname=" Lin ", birthday="1990-02-03", language="en", district="Xuhui")
    shown = json.loads(cast.operator.get(f"/persons/{person}").content)
    assert shown.pop("created_at")
    assert shown == {
        "id": person,
        "phone": phone,
        "nickname": "Lin",
        "birthday": "1990-02-03",
        "language": "en",
        "district": "Xuhui",
        "registered_at": None,
        "erased_at": None,
    }


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("100 0000 0001", "+8610000000001"),
        ("+86 100-0000-0001", "+8610000000001"),
        ("0086 10000000001", "+8610000000001"),
        ("+44 7911 000000", "+447911000000"),
    ],
)
def test_phone_numbers_are_kept_in_one_form(given: str, kept: str) -> None:
    assert normal_phone(given) == kept


@pytest.mark.parametrize(
    "given", ["", "hello", "12", "+86 1", "+999 12345678", "1" * 39, "+8610000000001 ext 5"]
)
def test_what_cannot_be_a_phone_number_is_refused(given: str) -> None:
    with pytest.raises(PhoneInvalid):
        normal_phone(given)


def test_masks() -> None:
    assert masked_phone("+8610000001234") == "100****1234"
    assert masked_phone("+447911003456") == "+4479****3456"


def test_the_same_phone_in_another_form_is_the_same_person(cast: Cast) -> None:
    person, phone = new_person(cast)
    written = f"{phone[:3]} {phone[3:6]}-{phone[6:]}"
    before = Person.objects.count(), Request.objects.count(), News.objects.count()
    problem = assert_refused(cast.operator.post("/persons", {"phone": written}), 409, "phone_taken")
    assert problem["details"] == {"person": person}
    assert (Person.objects.count(), Request.objects.count(), News.objects.count()) == before
    assert AuditLine.objects.get(outcome="phone_taken").verb == "open_person"


def test_an_answer_that_is_kept_names_nobody(cast: Cast) -> None:
    person, phone = new_person(cast, nickname="Secretive", birthday="1990-02-03")
    cast.operator.patch(f"/persons/{person}", {"nickname": "Secretive2"})
    cast.full.post(f"/merchants/{cast.a.merchant}/customers", {"phone": phone})
    kept = b"".join(bytes(answer) for answer in Request.objects.values_list("answer", flat=True))
    for secret in (phone, phone[-4:], "Secretive", "1990-02-03"):
        assert secret.encode() not in kept
    lines = json.dumps(list(AuditLine.objects.values("details", "object_id", "actor")), default=str)
    assert phone not in lines
    assert "Secretive" not in lines


@pytest.mark.parametrize("birthday", ["1899-12-31", "2999-01-01"])
def test_impossible_birthdays_are_refused(cast: Cast, birthday: str) -> None:
    body = {"phone": made_up_phone(), "birthday": birthday}
    assert_refused(cast.operator.post("/persons", body), 422, "birthday_invalid")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "body.phone"),
        ({"phone": "x\u0000y"}, "body.phone"),
        ({"phone": "+8610000000001", "language": "fr"}, "body.language"),
        ({"phone": "+8610000000001", "nick": "x"}, "body.nick"),
        ({"phone": "+8610000000001", "nickname": "x" * 501}, "body.nickname"),
        ({"phone": 1}, "body.phone"),
    ],
)
def test_a_body_that_is_not_understood_names_the_field(cast: Cast, body: object, path: str) -> None:
    problem = assert_refused(cast.operator.post("/persons", body), 422, "request_invalid")
    assert [field["path"] for field in problem["details"]["fields"]] == [path]
    assert path in problem["detail"]


def test_registration_is_told_once(cast: Cast) -> None:
    person, _ = new_person(cast)
    response = cast.operator.post(f"/persons/{person}/registration", request_id="reg")
    assert response.status_code == 201
    told = {"person_id": str(parse_id("per", person))}
    news = News.objects.filter(topic="people.registered", body=told)
    assert news.count() == 1
    assert cast.operator.post(f"/persons/{person}/registration", request_id="reg").content == response.content
    assert_refused(cast.operator.post(f"/persons/{person}/registration"), 409, "already_registered")
    assert news.count() == 1


def test_registering_needs_a_phone_number(cast: Cast) -> None:
    answer = cast.full.post(f"/merchants/{cast.a.merchant}/customers", {"number": "77"})
    person = json.loads(answer.content)["person"]
    assert_refused(cast.operator.post(f"/persons/{person}/registration"), 409, "phone_missing")


def test_a_merchant_does_not_rewrite_who_has_registered(cast: Cast) -> None:
    assert cast.full.patch(f"/persons/{cast.a.customer}", {"nickname": "Lin"}).status_code == 200
    cast.operator.post(f"/persons/{cast.a.customer}/registration")
    response = cast.full.patch(f"/persons/{cast.a.customer}", {"nickname": "Wang"})
    assert_refused(response, 409, "person_registered")
    assert Person.objects.get(pk=cast.a.customer_id).nickname == "Lin"


def test_a_change_leaves_alone_what_it_does_not_name(cast: Cast) -> None:
    person, phone = new_person(cast, nickname="Lin", birthday="1990-02-03")
    cast.operator.patch(f"/persons/{person}", {"district": "Pudong"})
    kept = Person.objects.get(phone=phone)
    assert (kept.nickname, kept.birthday, kept.district) == ("Lin", date(1990, 2, 3), "Pudong")
    cast.operator.patch(f"/persons/{person}", {"birthday": None})
    assert Person.objects.get(phone=phone).birthday is None


def test_phones_are_masked_but_for_who_may_see_them(cast: Cast) -> None:
    def seen(caller, path: str) -> object:
        return json.loads(caller.get(path).content)

    whole, masked = cast.a.customer_phone, masked_phone(cast.a.customer_phone)
    path = f"/persons/{cast.a.customer}"
    assert seen(cast.operator, path)["phone"] == whole
    assert seen(cast.full, path)["phone"] == whole  # A itself gave the number
    cast.other.post(f"/merchants/{cast.b.merchant}/customers", {"person": cast.a.customer})
    assert seen(cast.other, path)["phone"] == masked
    listed = seen(cast.other, f"/merchants/{cast.b.merchant}/customers?person={cast.a.customer}")
    assert [item["phone"] for item in listed["items"]] == [masked]
    cast.other.post(f"/merchants/{cast.b.merchant}/customers", {"phone": whole})
    assert seen(cast.other, path)["phone"] == whole


def test_persons_are_listed_in_pages(cast: Cast, django_assert_num_queries) -> None:
    made = [new_person(cast)[0] for _ in range(5)]
    listed, cursor = [], None
    while True:
        query = "?limit=2" + (f"&cursor={cursor}" if cursor else "")
        with django_assert_num_queries(1):
            page = json.loads(cast.operator.get(f"/persons{query}").content)
        assert len(page["items"]) <= 2
        listed += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert listed[-5:] == made
    assert len(set(listed)) == len(listed) == Person.objects.count()


def test_persons_are_found_by_phone_and_registration(cast: Cast) -> None:
    person, phone = new_person(cast)
    cast.operator.post(f"/persons/{person}/registration")
    found = json.loads(cast.operator.get(f"/persons?phone=%2B{phone[1:]}").content)
    assert [item["id"] for item in found["items"]] == [person]
    for registered, expected in (("true", [person]), ("false", [])):
        query = f"/persons?phone=%2B{phone[1:]}&registered={registered}"
        assert [item["id"] for item in json.loads(cast.operator.get(query).content)["items"]] == expected


@pytest.mark.parametrize("query", ["cursor=zzz", "limit=0", "limit=201", "limit=x", "phone=%00"])
def test_bad_parameters_are_refused(cast: Cast, query: str) -> None:
    assert cast.operator.get(f"/persons?{query}").status_code == 422


def test_consent_is_a_record(cast: Cast) -> None:
    path = f"/persons/{cast.a.customer}/consents"
    for given in (True, False):
        answer = cast.full.post(path, {"purpose": "news", "text_version": "2025-1", "given": given})
        assert answer.status_code == 201
        assert has_consent(cast.a.customer_id, "news") is given
    items = json.loads(cast.full.get(path).content)["items"]
    assert [(item["purpose"], item["text_version"], item["given"]) for item in items] == [
        ("news", "2025-1", True),
        ("news", "2025-1", False),
    ]
    assert items[0]["recorded_by"].startswith("key:")
    assert not has_consent(cast.a.customer_id, "face")


def test_export_holds_every_rooms_part(cast: Cast) -> None:
    record_consent(
        person_id=cast.a.customer_id, purpose="news", text_version="1", given=True, now=NOW, actor=SYSTEM
    )
    made_of = json.loads(cast.operator.get(f"/persons/{cast.a.customer}/export").content)["made_of"]
    assert {"person", "merchants", "notices"} <= made_of.keys()
    assert made_of["person"]["phone"] == cast.a.customer_phone
    assert made_of["person"]["consents"][0]["purpose"] == "news"
    assert made_of["merchants"]["customer_numbers"][0]["number"] == "C-1"


def test_erasure_takes_the_name_and_keeps_the_id(cast: Cast) -> None:
    person, phone = new_person(cast, nickname="Lin", birthday="1990-02-03", district="Xuhui")
    response = cast.operator.post(f"/persons/{person}/erasure", {"reason": "asked for it"})
    assert response.status_code == 201
    shown = json.loads(cast.operator.get(f"/persons/{person}").content)
    assert (shown["phone"], shown["nickname"], shown["birthday"], shown["district"]) == (None, "", None, "")
    assert shown["erased_at"]
    assert Erasure.objects.get(person_id=parse_id("per", person)).reason == "asked for it"
    assert_refused(cast.operator.post(f"/persons/{person}/erasure", {}), 409, "person_erased")
    assert_refused(cast.operator.patch(f"/persons/{person}", {"nickname": "x"}), 409, "person_erased")
    again, _ = json.loads(cast.operator.post("/persons", {"phone": phone}).content)["id"], None
    assert again != person


def test_joining_is_for_nameless_customers_and_registered_persons(db: None) -> None:
    nameless = open_person(phone=None, now=NOW, actor=SYSTEM)
    named = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    with pytest.raises(JoiningImpossible):
        join_person(from_person_id=nameless.id, into_person_id=named.id, now=NOW, actor=SYSTEM)
    register_person(person_id=named.id, now=NOW, actor=SYSTEM)
    with pytest.raises(JoiningImpossible):
        join_person(from_person_id=named.id, into_person_id=nameless.id, now=NOW, actor=SYSTEM)
    with pytest.raises(JoiningImpossible):
        join_person(from_person_id=named.id, into_person_id=named.id, now=NOW, actor=SYSTEM)
    join_person(from_person_id=nameless.id, into_person_id=named.id, now=NOW, actor=SYSTEM)
    assert find_joined(nameless.id) == named.id
    assert find_joined(named.id) == named.id
    with pytest.raises(AlreadyJoined):
        join_person(from_person_id=nameless.id, into_person_id=named.id, now=NOW, actor=SYSTEM)


def test_consents_cannot_be_changed_by_the_application(db: None) -> None:
    from django.db import DatabaseError, transaction

    person = open_person(phone=None, now=datetime(2025, 1, 1, tzinfo=UTC), actor=SYSTEM)
    record_consent(person_id=person.id, purpose="news", text_version="1", given=True, now=NOW, actor=SYSTEM)
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.update(given=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Consent.objects.all().delete()


def test_a_merchant_does_not_read_what_a_registered_person_told_the_platform(cast: Cast) -> None:
    """Whoever types a phone number at a till makes its owner a customer; that alone opens no birthday."""
    person, phone = new_person(cast, nickname="Lin", birthday="1990-02-03", district="Xuhui")
    cast.operator.post(f"/persons/{person}/registration", {})
    cast.full.post(f"/merchants/{cast.a.merchant}/customers", {"phone": phone})
    seen = cast.full.get(f"/persons/{person}").json()
    assert (seen["nickname"], seen["birthday"], seen["district"]) == ("Lin", None, "")
    assert cast.operator.get(f"/persons/{person}").json()["birthday"] == "1990-02-03"
