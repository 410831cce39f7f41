"""The operator decides: compared, approved, declined with a reason, suspended, reinstated; and what a suspension stops."""

import uuid
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tessera.kit import clock
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.ids import show_id
from tessera.kit.models import AuditLine, News
from tessera.kit.models import Request as KeptRequest
from tessera.merchants.actions.approvals import adopt_applications, decline_merchant, reapply_merchant
from tessera.merchants.actions.business import FirstStore, open_business
from tessera.merchants.actions.keys import issue_key
from tessera.merchants.actions.merchants import (
    approve_merchant,
    open_merchant,
    reinstate_merchant,
    suspend_merchant,
)
from tessera.merchants.comparison import compare_merchant, get_standing, list_by_standing
from tessera.merchants.errors import (
    AlreadyApproved,
    AlreadyDeclined,
    ApplicationsClosed,
    MerchantInactive,
    NotDeclined,
)
from tessera.merchants.models import Declination, Merchant
from tessera.notices.models import Notice
from tessera.notices.queries import list_notices
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.roles import grant_role
from tessera.people.models import Person
from tessera.points.actions.rules import end_rule, publish_programme, publish_rule, publish_version
from tessera.site.outbox import tell_news
from tests.cast import NOW, credit_code, made_up_phone

BACKEND = "django.contrib.auth.backends.ModelBackend"


def person(nickname: str = "阿青") -> Person:
    known = open_person(phone=made_up_phone(), nickname=nickname, now=NOW, actor=SYSTEM)
    return register_person(person_id=known.id, now=NOW, actor=SYSTEM)


def apply(
    name: str, owner: Person, *, phone: str = "", place: tuple[str, str, str] = ("一店", "", "")
) -> Merchant:
    merchant, _ = open_business(
        name=name,
        code="",
        phone=phone,
        store=FirstStore(*place),
        person_id=owner.id,
        now=NOW,
        actor=Actor(kind="person", id=owner.id),
    )
    return merchant


@pytest.fixture
def browser(db: None) -> Client:
    operator = person("运营")
    grant_role(person_id=operator.id, role="operator", now=NOW, actor=SYSTEM)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(operator, backend=BACKEND)
    return client


def post(browser: Client, merchant: Merchant, what: str, **fields: Any) -> Any:
    address = f"/operator/merchants/{show_id('mer', merchant.id)}/{what}"
    return browser.post(address, {"request_id": uuid.uuid4().hex, **fields})


def read(browser: Client, merchant: Merchant) -> str:
    return browser.get(f"/operator/merchants/{show_id('mer', merchant.id)}").content.decode()


def told(owner: Person) -> list[str]:
    tell_news(now=clock.now())
    return [row.template for row in list_notices(owner.id).items]


def test_why_two_merchants_may_be_one(db: None) -> None:
    owner, other = person(), person()
    phone = made_up_phone()
    old = apply("老茶馆", owner, phone=phone, place=("五原路店", "徐汇区", "五原路 1 号"))
    near = apply("老茶舘", other)
    apply("晨光书店", other, place=("五原路店", "静安区", ""))
    new = apply("老茶馆（有限公司）", owner, phone=phone, place=("五原路店", "徐汇区", ""))
    found, whole = compare_merchant(new.id)
    assert whole
    reasons = {one.applicant.merchant.id: set(one.reasons) for one in found}
    assert reasons == {
        old.id: {"same_name", "same_phone", "same_place", "same_owner"},
        near.id: {"similar_name"},
    }
    assert found[0].applicant.merchant.id == old.id, "the likeliest first"


def test_the_comparison_asks_a_bounded_number_of_questions(db: None, django_assert_max_num_queries) -> None:
    owner = person()
    approved = [apply(f"老茶馆{number}", person()) for number in range(12)]
    new = apply("老茶馆", owner)
    with django_assert_max_num_queries(100):
        found, _ = compare_merchant(new.id)
    assert len(found) == 10
    assert len(approved) == 12


def test_the_operator_sees_both_sides_and_the_code(browser: Client) -> None:
    owner = person()
    apply("老茶馆", person())
    new = apply("老茶馆有限公司", owner)
    text = read(browser, new)
    assert "None given" in text
    assert "Same name" in text
    assert owner.phone not in text
    coded = open_merchant(name="晨光书店", code=credit_code(), now=NOW, actor=SYSTEM)
    assert "The check character fits the other 17" in read(browser, coded)
    Merchant.objects.filter(pk=coded.pk).update(
        code=coded.code[:-1] + ("0" if coded.code[-1] != "0" else "1")
    )
    assert "does not fit the other 17" in read(browser, coded)
    assert "Nothing alike" in read(browser, coded)


def test_approved_once_and_the_owner_is_told(browser: Client) -> None:
    owner = person()
    new = apply("老茶馆", owner)
    assert post(browser, new, "approval").status_code == 303
    assert get_standing(new.id).status == "active"
    again = post(browser, new, "approval")
    assert again.status_code == 409
    assert "was approved at" in again.content.decode()
    assert told(owner) == ["merchant_approved"]


def test_the_same_form_twice_acts_once(browser: Client) -> None:
    new = apply("老茶馆", person())
    address = f"/operator/merchants/{show_id('mer', new.id)}/approval"
    fields = {"request_id": uuid.uuid4().hex}
    assert browser.post(address, fields).status_code == 303
    assert browser.post(address, fields).status_code == 303
    assert AuditLine.objects.filter(verb="approve_merchant", outcome="done").count() == 1


def test_declined_with_a_reason_that_the_owner_reads_and_applied_for_again(browser: Client) -> None:
    owner = person()
    new = apply("老茶馆", owner)
    empty = post(browser, new, "declination", reason=" ")
    assert empty.status_code == 422
    assert Declination.objects.count() == 0
    assert post(browser, new, "declination", reason="Licence <unreadable>").status_code == 303
    assert get_standing(new.id).status == "declined"
    assert told(owner) == ["merchant_declined"]
    notice = Notice.objects.get(person_id=owner.id)
    assert notice.context["reason"] == "Licence <unreadable>"
    mine = Client(headers={"Accept-Language": "en"})
    mine.force_login(owner, backend=BACKEND)
    address = f"/console/{show_id('mer', new.id)}/application"
    assert "Licence &lt;unreadable&gt;" in mine.get(address).content.decode()
    assert mine.post(f"{address}/again", {"request_id": uuid.uuid4().hex}).status_code == 303
    assert get_standing(new.id).status == "waiting"
    assert [row.id for row, _ in list_by_standing(status="waiting").items] == [new.id]
    assert post(browser, new, "approval").status_code == 303
    with pytest.raises(AlreadyApproved):
        decline_merchant(merchant_id=new.id, reason="x", now=NOW, actor=SYSTEM)


def test_a_declined_one_may_still_be_approved(db: None) -> None:
    new = apply("老茶馆", person())
    decline_merchant(merchant_id=new.id, reason="x", now=NOW, actor=SYSTEM)
    with pytest.raises(AlreadyDeclined):
        decline_merchant(merchant_id=new.id, reason="y", now=NOW, actor=SYSTEM)
    approve_merchant(merchant_id=new.id, now=NOW, actor=SYSTEM)
    assert get_standing(new.id).status == "active"
    with pytest.raises(NotDeclined):
        reapply_merchant(merchant_id=new.id, now=NOW, actor=SYSTEM)


def test_suspended_and_reinstated_with_word_to_the_owner(browser: Client) -> None:
    owner = person()
    new = apply("老茶馆", owner)
    post(browser, new, "approval")
    assert post(browser, new, "suspension", reason="Complaints.").status_code == 303
    assert get_standing(new.id).status == "suspended"
    assert "Complaints." in read(browser, new)
    assert told(owner)[0] == "merchant_suspended"
    assert post(browser, new, "reinstatement").status_code == 303
    assert post(browser, new, "reinstatement").status_code == 409
    assert told(owner)[0] == "merchant_reinstated"


def test_a_refused_decision_leaves_no_trace_but_its_audit_line(browser: Client) -> None:
    new = apply("老茶馆", person())
    news, kept = News.objects.count(), KeptRequest.objects.count()
    assert post(browser, new, "reinstatement").status_code == 409
    assert (News.objects.count(), KeptRequest.objects.count()) == (news, kept)
    line = AuditLine.objects.get(verb="reinstate_merchant")
    assert line.outcome == "not_suspended"


@pytest.mark.parametrize(
    ("status", "search", "finds"),
    [
        ("waiting", "", {"Waits"}),
        ("declined", "", {"Declined"}),
        ("active", "", {"Active"}),
        ("suspended", "", {"Suspended", "Stopped early"}),
        ("", "", {"Waits", "Declined", "Active", "Suspended", "Stopped early"}),
        ("", "susp", {"Suspended"}),
        ("active", "susp", set()),
    ],
)
def test_merchants_by_status(db: None, status: str, search: str, finds: set[str]) -> None:
    rows = {
        name: open_merchant(name=name, now=NOW, actor=SYSTEM)
        for name in ("Waits", "Declined", "Active", "Suspended", "Stopped early")
    }
    decline_merchant(merchant_id=rows["Declined"].id, reason="x", now=NOW, actor=SYSTEM)
    for name in ("Active", "Suspended"):
        approve_merchant(merchant_id=rows[name].id, now=NOW, actor=SYSTEM)
    for name in ("Suspended", "Stopped early"):
        suspend_merchant(merchant_id=rows[name].id, reason="x", now=NOW, actor=SYSTEM)
    ours = {row.id for row in rows.values()}
    found = list_by_standing(status=status, search=search, limit=100).items
    assert {row.name for row, _ in found if row.id in ours} == finds


def test_merchants_are_found_by_number_code_and_last_digits(db: None) -> None:
    phone = made_up_phone()
    one = open_merchant(name="One", code=credit_code(), phone=phone, now=NOW, actor=SYSTEM)
    open_merchant(name="Two", now=NOW, actor=SYSTEM)
    for search in (show_id("mer", one.id), one.code[:6], phone[-8:]):
        assert [row.id for row, _ in list_by_standing(search=search).items] == [one.id], search


def test_the_list_turns_its_pages(db: None) -> None:
    names = [f"M{number}" for number in range(5)]
    for name in names:
        open_merchant(name=name, now=NOW, actor=SYSTEM)
    first = list_by_standing(limit=3)
    rest = list_by_standing(limit=2, cursor=first.next_cursor)
    assert [row.name for row, _ in [*first.items, *rest.items]] == names[::-1]


def test_who_may_not_sees_nothing(db: None) -> None:
    client = Client()
    client.force_login(person(), backend=BACKEND)
    new = apply("老茶馆", person())
    assert client.get("/operator/merchants").status_code == 404
    assert post(client, new, "approval").status_code == 404
    assert get_standing(new.id).status == "waiting"


def test_no_applications_while_the_policy_says_no(db: None) -> None:
    before = Merchant.objects.count()
    adopt_applications(accepted=False, now=NOW, actor=SYSTEM)
    with pytest.raises(ApplicationsClosed):
        apply("老茶馆", person())
    assert Merchant.objects.count() == before
    adopt_applications(accepted=True, now=NOW, actor=SYSTEM)
    apply("老茶馆", person())


def suspended() -> tuple[UUID, Actor, UUID]:
    """A suspended merchant with a rule; its own actor."""
    merchant = open_merchant(name="老茶馆", now=NOW, actor=SYSTEM)
    approve_merchant(merchant_id=merchant.id, now=NOW, actor=SYSTEM)
    mine = Actor(kind="key", id=merchant.id, merchant_id=merchant.id)
    rule = publish_rule(merchant_id=merchant.id, name="R", kind="spend", terms=SPEND, now=NOW, actor=mine)
    suspend_merchant(merchant_id=merchant.id, reason="x", now=NOW, actor=SYSTEM)
    return merchant.id, mine, rule.rule_id


SPEND = {"per_minor": 1000, "points": 1}


def test_a_suspended_merchant_publishes_nothing_and_issues_no_keys(db: None) -> None:
    merchant_id, mine, rule_id = suspended()
    usual: dict[str, Any] = {"now": NOW, "actor": mine}
    with pytest.raises(MerchantInactive):
        publish_rule(merchant_id=merchant_id, name="S", kind="spend", terms=SPEND, **usual)
    with pytest.raises(MerchantInactive):
        publish_version(rule_id=rule_id, terms=SPEND, **usual)
    with pytest.raises(MerchantInactive):
        publish_programme(merchant_id=merchant_id, **usual)
    with pytest.raises(MerchantInactive):
        issue_key(merchant_id=merchant_id, label="till", scopes=["catalog:read"], **usual)
    publish_programme(merchant_id=merchant_id, now=NOW, actor=Actor(kind="operator"))
    end_rule(rule_id=rule_id, **usual)
    reinstate_merchant(merchant_id=merchant_id, now=NOW, actor=SYSTEM)
    publish_rule(merchant_id=merchant_id, name="S", kind="spend", terms=SPEND, **usual)


def test_a_merchant_that_waits_may_prepare(db: None) -> None:
    merchant = open_merchant(name="老茶馆", now=NOW, actor=SYSTEM)
    mine = Actor(kind="key", id=merchant.id, merchant_id=merchant.id)
    publish_rule(merchant_id=merchant.id, name="R", kind="spend", terms=SPEND, now=NOW, actor=mine)
    issue_key(merchant_id=merchant.id, label="till", scopes=["catalog:read"], now=NOW, actor=mine)
