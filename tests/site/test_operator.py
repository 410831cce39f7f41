"""The operator's console: what waits, policies that hold, the trail searched, jobs asked again, messages found."""

import csv
import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tessera.kit import clock, trail
from tessera.kit.actors import SYSTEM, Actor
from tessera.kit.ids import show_id
from tessera.kit.keyed import keyed_digest
from tessera.kit.models import AuditLine, News, Policy
from tessera.kit.phones import masked_phone
from tessera.merchants.actions.merchants import open_merchant
from tessera.merchants.queries import accepts_applications
from tessera.notices.models import SmsMessage
from tessera.notices.queries import default_quiet
from tessera.notices.rules import Quiet
from tessera.people.actions.persons import open_person, register_person
from tessera.people.actions.roles import grant_role
from tessera.people.models import Person
from tessera.points.actions.bounds import adopt_bounds
from tessera.points.actions.rules import publish_programme
from tessera.points.bounds import WIDEST, Bounds, find_bounds
from tessera.points.errors import BoundsInvalid, TermsOutOfBounds
from tessera.site.outbox import MOST_ATTEMPTS, tell_news
from tessera.site.trails import Sought, iterate_lines, search_lines
from tests.cast import NOW, made_up_phone

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def operator(db: None) -> Person:
    known = open_person(phone=made_up_phone(), nickname="运营", now=NOW, actor=SYSTEM)
    grant_role(person_id=known.id, role="operator", now=NOW, actor=SYSTEM)
    return register_person(person_id=known.id, now=NOW, actor=SYSTEM)


@pytest.fixture
def browser(operator: Person) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(operator, backend=BACKEND)
    return client


def post(browser: Client, where: str, /, **fields: Any) -> Any:
    return browser.post(where, {"request_id": uuid.uuid4().hex, **fields})


def test_the_overview_says_what_waits(browser: Client) -> None:
    text = browser.get("/operator").content.decode()
    assert "merchant waits" not in text
    open_merchant(name="Waits", now=NOW, actor=SYSTEM)
    News.objects.create(topic="t", body={}, happened_at=NOW, attempts=MOST_ATTEMPTS)
    text = browser.get("/operator").content.decode()
    assert "1 merchant waits for approval" in text
    assert "1 piece of news was given up" in text


def test_policies_hold_from_the_moment_and_keep_their_history(browser: Client, operator: Person) -> None:
    assert post(browser, "/operator/policies/applications").status_code == 303
    assert not accepts_applications()
    assert post(browser, "/operator/policies/applications", accepted="on").status_code == 303
    assert accepts_applications()
    hours = {"begins": "21:15", "ends": "09:00"}
    assert post(browser, "/operator/policies/quiet-hours", **hours).status_code == 303
    assert default_quiet() == Quiet(21 * 60 + 15, 9 * 60)
    text = browser.get("/operator/policies").content.decode()
    assert "Quiet from 21:15 to 09:00" in text
    assert "No applications are taken" in text
    assert operator.phone not in text
    assert masked_phone(operator.phone or "") in text
    assert Policy.objects.count() == 3


def test_a_policy_that_makes_no_sense_is_refused_with_what_was_typed(browser: Client) -> None:
    bad = {
        "most_pending_days": "30",
        "least_expiry_months": "6",
        "least_unclaimed_days": "90",
        "most_unclaimed_days": "7",
    }
    response = post(browser, "/operator/policies/programme-bounds", **bad)
    assert response.status_code == 422
    assert "contradict one another" in response.content.decode()
    assert 'value="90"' in response.content.decode()
    assert (
        post(browser, "/operator/policies/programme-bounds", **{**bad, "most_pending_days": "x"}).status_code
        == 422
    )
    assert post(browser, "/operator/policies/quiet-hours", begins="26:00", ends="08:00").status_code == 422
    assert Policy.objects.count() == 0
    assert find_bounds() == WIDEST


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("pending_days", {"pending_days": 31}),
        ("unclaimed_days", {"unclaimed_days": 6}),
        ("unclaimed_days", {"unclaimed_days": 91}),
        ("months", {"expiry": {"kind": "months", "months": 5}}),
    ],
)
def test_terms_for_points_lie_within_the_operators_bounds(
    db: None, field: str, terms: dict[str, Any]
) -> None:
    merchant = open_merchant(name="Tea", now=NOW, actor=SYSTEM)
    usual: dict[str, Any] = {"merchant_id": merchant.id, "now": NOW, "actor": SYSTEM}
    publish_programme(**terms, **usual)
    adopt_bounds(bounds=Bounds(30, 6, 7, 90), now=NOW, actor=SYSTEM)
    with pytest.raises(TermsOutOfBounds) as refusal:
        publish_programme(**terms, **usual)
    assert refusal.value.details["field"] == field
    fine = {"pending_days": 30, "unclaimed_days": 90, "expiry": {"kind": "months", "months": 6}}
    publish_programme(**fine, **usual)


@pytest.mark.parametrize(
    "bounds", [Bounds(366), Bounds(-1), Bounds(30, 0), Bounds(30, 6, 9, 8), Bounds(30, 6, 1, 4000)]
)
def test_bounds_are_never_wider_than_the_platform(db: None, bounds: Bounds) -> None:
    with pytest.raises(BoundsInvalid):
        adopt_bounds(bounds=bounds, now=NOW, actor=SYSTEM)
    assert Policy.objects.count() == 0


def lines(browser: Client, query: str = "") -> str:
    response = browser.get(f"/operator/audit{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_the_trail_is_searched_and_shows_names(browser: Client, operator: Person) -> None:
    merchant = open_merchant(name="<i>Tea</i>", now=NOW, actor=SYSTEM)
    member = open_person(phone=made_up_phone(), nickname="阿青", now=NOW, actor=SYSTEM)
    now = clock.now()
    by = Actor(kind="person", id=member.id, merchant_id=merchant.id)
    trail.note(
        actor=by, verb="brew", object_kind="merchant", object_id=merchant.id, now=now, details={"cups": 3}
    )
    trail.note(actor=SYSTEM, verb="pour", object_kind="job", object_id="7", outcome="too_hot", now=now)
    text = lines(browser)
    assert "&lt;i&gt;Tea&lt;/i&gt;" in text
    assert f"阿青 {masked_phone(member.phone or '')}" in text
    assert member.phone not in text
    shown, whom = show_id("mer", merchant.id), show_id("per", member.id)
    for query in (
        f"?actor={whom}",
        "?verb=brew",
        f"?object={shown}",
        f"?merchant={shown}",
        "?outcome=done&verb=brew",
    ):
        found = lines(browser, query)
        assert ">brew<" in found, query
        assert ">pour<" not in found, query
    assert ">brew<" not in lines(browser, "?outcome=refused")
    assert ">too_hot<" in lines(browser, "?outcome=refused")
    assert ">pour<" in lines(browser, "?object=7")
    today = now.astimezone(UTC) + timedelta(hours=8)
    assert ">brew<" in lines(browser, f"?since={today:%Y-%m-%d}&until={today:%Y-%m-%d}")
    assert "No line fits" in lines(browser, f"?until={today - timedelta(days=2):%Y-%m-%d}")
    found = browser.post("/operator/audit", {"phone": member.phone})
    assert found["Location"] == f"/operator/audit?actor={whom}"
    assert browser.post("/operator/audit", {"phone": made_up_phone()}).status_code == 404
    assert browser.get("/operator/audit?merchant=rubbish").status_code == 422
    assert browser.get("/operator/audit?since=rubbish").status_code == 422


def test_the_trail_as_a_table(browser: Client) -> None:
    merchant = open_merchant(name="=1+1", now=NOW, actor=SYSTEM)
    by = Actor(kind="operator", merchant_id=merchant.id)
    trail.note(actor=by, verb="brew", object_kind="merchant", object_id=merchant.id, now=clock.now())
    response = browser.get("/operator/audit.csv?verb=brew")
    rows = list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert rows[0][:3] == ["Number", "Moment (UTC)", "Who"]
    assert rows[1][4:6] == ["'=1+1", "brew"]
    assert len(rows) == 2
    assert browser.get("/operator/audit.csv?merchant=rubbish").status_code == 422


def test_the_trail_turns_its_pages_and_is_read_in_pieces(db: None) -> None:
    for number in range(1, 8):
        trail.note(actor=SYSTEM, verb=f"v{number}", object_kind="job", now=clock.now())
    first = search_lines(Sought(), limit=5)
    rest = search_lines(Sought(), cursor=first.next_cursor, limit=5)
    assert [one.line.verb for one in [*first.items, *rest.items]] == [f"v{n}" for n in range(7, 0, -1)]
    assert len(list(iterate_lines(Sought(), most=3))) == 3


@pytest.mark.parametrize(
    "sought",
    [
        Sought(),
        Sought(actor="system"),
        Sought(verb="rare"),
        Sought(outcome="refused"),
        Sought(since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2020, 1, 2, tzinfo=UTC)),
    ],
)
def test_no_search_of_the_trail_reads_it_whole(db: None, sought: Sought) -> None:
    from tessera.site.trails import _matching

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    plan = _matching(sought)[:51].explain()
    assert "Seq Scan" not in plan
    assert "Sort" not in plan, plan


def failed_job(name: str, lock: str | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status, queueing_lock)"
            " VALUES (%s, 'default', '{}', 'failed', %s) RETURNING id",
            [name, lock],
        )
        return int(cursor.fetchone()[0])


def status_of(job: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return str(cursor.fetchone()[0])


def test_a_failed_job_is_run_again_unless_the_same_is_queued(browser: Client) -> None:
    job, twin = failed_job("points.expire", "points.expire"), failed_job("points.expire", "points.expire")
    text = browser.get("/operator/jobs").content.decode()
    assert f"/operator/jobs/{job}/retry" in text
    assert "Takes expired points out" in text
    assert post(browser, f"/operator/jobs/{job}/retry").status_code == 303
    assert status_of(job) == "todo"
    assert post(browser, f"/operator/jobs/{job}/retry").status_code == 404
    post(browser, f"/operator/jobs/{twin}/retry")
    assert status_of(twin) == "failed"
    assert AuditLine.objects.get(outcome="already_queued").object_id == str(twin)
    assert "queued already" in browser.get("/operator/jobs").content.decode()


def test_news_that_was_given_up_is_told_again(browser: Client) -> None:
    heard: list[int] = []

    def fail(body: Any, now: datetime) -> None:
        raise ValueError

    news = News.objects.create(topic="t", body={"n": 1}, happened_at=NOW, attempts=MOST_ATTEMPTS - 1)
    tell_news(handlers={"t": [fail]}, now=clock.now())
    address = f"/operator/news/{show_id('nws', news.id)}/retry"
    text = browser.get("/operator/jobs").content.decode()
    assert address in text
    assert "Given up" in text
    assert tell_news(handlers={}, now=clock.now()).told == 0
    assert post(browser, address).status_code == 303
    tell_news(handlers={"t": [lambda body, now: heard.append(body["n"])]}, now=clock.now())
    assert heard == [1]
    assert post(browser, address).status_code == 404


def test_health_says_what_is_wrong(browser: Client, settings, tmp_path) -> None:
    settings.TESSERA_DATA_DIR = tmp_path
    text = browser.get("/operator/health").content.decode()
    assert "Nobody works" in text
    assert "All are applied." in text
    assert "tessera backup" in text
    (tmp_path / "last_backup").touch()
    assert "The last one ended at" in browser.get("/operator/health").content.decode()


def test_messages_are_found_by_a_whole_number_that_stands_in_no_address(browser: Client) -> None:
    phone, other = made_up_phone(), made_up_phone()
    for number, (whose, kind, outcome) in enumerate(
        ((phone, "sign_in", "sent"), (phone, "notice", "failed"), (other, "sign_in", "off"))
    ):
        SmsMessage.objects.create(
            phone_masked=masked_phone(whose),
            phone_digest=keyed_digest("phone", whose),
            kind=kind,
            sent_at=NOW + timedelta(minutes=number),
            outcome=outcome,
        )
    text = browser.get("/operator/messages").content.decode()
    assert masked_phone(phone) in text
    assert phone not in text
    found = browser.post("/operator/messages", {"phone": phone})
    assert found.status_code == 303
    assert phone.lstrip("+") not in found["Location"]
    only = browser.get(found["Location"]).content.decode()
    assert masked_phone(phone) in only
    assert masked_phone(other) not in only
    assert masked_phone(phone) not in browser.get("/operator/messages?outcome=off").content.decode()
    assert masked_phone(other) not in browser.get("/operator/messages?kind=notice").content.decode()
    refused = browser.post("/operator/messages", {"phone": "12"})
    assert refused.status_code == 422
    assert "No message fits" in browser.get("/operator/messages?kind=other").content.decode()
