"""Notices: sent, read, spread over channels, delivered masked and once."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction

from tessera.kit.actors import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.phones import masked_phone
from tessera.notices.actions.delivery import Ways, deliver_next, spread_notices
from tessera.notices.actions.inbox import mark_all_read, mark_read, send_notice
from tessera.notices.actions.preferences import choose_channels, choose_quiet_hours, forget_person
from tessera.notices.errors import ContextIncomplete, TemplateUnknown
from tessera.notices.models import Delivery, Notice, SmsMessage
from tessera.notices.ports import Letter, Mail
from tessera.notices.queries import count_unread, export_person, list_notices, list_opt_outs
from tessera.notices.rules import MOST_ATTEMPTS, Quiet, pause_after
from tessera.notices.templates import TEMPLATES
from tessera.notices.ways import ways_here
from tessera.people.actions.persons import open_person
from tessera.site.wiring import addresses_of
from tests.cast import NOW, made_up_phone

CONTEXT = {"points": 30, "merchant": "老茶馆", "expires_on": "2025-12-31"}
"""NOW is noon in Shanghai: no quiet hours."""


class Post:
    """Ways that keep what leaves; `broken` counts down the faults."""

    def __init__(self, broken: int = 0) -> None:
        self.letters: list[Letter] = []
        self.broken = broken

    def send(self, letter: Letter) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError
        self.letters.append(letter)

    @property
    def ways(self) -> Ways:
        return Ways(sms=self.send)


def send(person_id: UUID, template: str = "points_expiring", kind: str = "points_expiring") -> Notice:
    return send_notice(
        person_id=person_id, kind=kind, template=template, context=CONTEXT, now=NOW, actor=SYSTEM
    )


def person(**how: str) -> UUID:
    return open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM, **how).id


def spread(ways: Ways, at: datetime = NOW) -> int:
    return spread_notices(ways=ways, addresses=addresses_of, now=at, actor=SYSTEM)


def deliver(ways: Ways, at: datetime = NOW) -> list[str]:
    """Deliver all that is due; return the outcomes."""
    outcomes = []
    while (outcome := deliver_next(ways=ways, addresses=addresses_of, now=at, actor=SYSTEM)) is not None:
        outcomes.append(outcome)
    return outcomes


def test_every_template_speaks_both_languages() -> None:
    for texts in TEMPLATES.values():
        assert set(texts) == {"zh-Hans", "en"}


def test_a_notice_that_cannot_be_worded_is_not_sent(db: None) -> None:
    with pytest.raises(TemplateUnknown):
        send_notice(person_id=UUID(int=1), kind="x", template="x", context={}, now=NOW, actor=SYSTEM)
    with pytest.raises(ContextIncomplete):
        send_notice(
            person_id=UUID(int=1),
            kind="x",
            template="points_owed",
            context={"points": 1},
            now=NOW,
            actor=SYSTEM,
        )
    assert Notice.objects.count() == 0


def test_inbox(db: None, django_assert_num_queries) -> None:
    me, other = person(), person()
    notices = [send(me) for _ in range(3)]
    with django_assert_num_queries(1):
        page = list_notices(me, limit=2)
    assert [notice.id for notice in page.items] == [notices[2].id, notices[1].id]
    rest = list_notices(me, limit=2, cursor=page.next_cursor)
    assert [notice.id for notice in rest.items] == [notices[0].id]
    mark_read(notice_id=notices[0].id, person_id=me, now=NOW, actor=SYSTEM)
    assert count_unread(me) == 2
    assert len(list_notices(me, unread=True).items) == 2
    with pytest.raises(NotFound):
        mark_read(notice_id=notices[1].id, person_id=other, now=NOW, actor=SYSTEM)
    assert mark_all_read(person_id=me, now=NOW, actor=SYSTEM) == 2
    assert len(export_person(me)["notices"]) == 3


def test_delivery_to_a_file_is_masked_and_once(db: None, settings, tmp_path: Path) -> None:
    settings.TESSERA_NOTICES, settings.TESSERA_DATA_DIR = "file", tmp_path
    phone = made_up_phone()
    send(open_person(phone=phone, language="en", now=NOW, actor=SYSTEM).id)
    send(person())
    send(open_person(phone=None, now=NOW, actor=SYSTEM).id)
    assert spread(ways_here()) == 3
    assert spread(ways_here()) == 0
    assert deliver(ways_here()) == ["sent", "sent"]
    assert deliver(ways_here(), NOW + timedelta(days=1)) == []
    text = (tmp_path / "notices.jsonl").read_text(encoding="utf-8")
    lines = {line["language"]: line for line in map(json.loads, text.splitlines())}
    assert lines["en"]["phone"] == masked_phone(phone)
    assert lines["zh-Hans"]["text"] == "您在老茶馆的 30 积分将于2025年12月31日到期。"
    assert phone not in text
    rows = SmsMessage.objects.filter(kind="notice")
    assert {row.phone_masked for row in rows} >= {masked_phone(phone)}


def test_delivery_to_the_console(db: None, settings, capsys) -> None:
    settings.TESSERA_NOTICES = "console"
    phone = made_up_phone()
    send(open_person(phone=phone, now=NOW, actor=SYSTEM).id, "points_activated")
    spread(ways_here())
    deliver(ways_here())
    written = capsys.readouterr().out
    assert "30 积分现在可以使用了" in written
    assert phone not in written


def test_delivery_switched_off_keeps_the_inbox(db: None, settings, tmp_path: Path) -> None:
    settings.TESSERA_NOTICES, settings.TESSERA_DATA_DIR = "off", tmp_path
    me = person()
    send(me)
    assert spread(ways_here()) == 1
    assert deliver(ways_here()) == []
    assert list(tmp_path.iterdir()) == []
    assert count_unread(me) == 1


def test_a_port_that_fails_is_asked_again_after_a_growing_pause(db: None) -> None:
    post = Post(broken=2)
    send(person())
    spread(post.ways)
    assert deliver(post.ways) == [""]
    assert deliver(post.ways, NOW + timedelta(seconds=59)) == []
    assert deliver(post.ways, NOW + timedelta(seconds=60)) == [""]
    assert deliver(post.ways, NOW + timedelta(seconds=179)) == []
    assert deliver(post.ways, NOW + timedelta(seconds=180)) == ["sent"]
    assert len(post.letters) == 1
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 20)] == [60, 120, 240, 7200]


def test_a_delivery_is_given_up_in_the_end(db: None) -> None:
    post = Post(broken=99)
    send(person())
    spread(post.ways)
    at, outcomes = NOW, []
    for _ in range(MOST_ATTEMPTS + 3):
        outcomes += deliver(post.ways, at)
        at += timedelta(hours=3)
    assert outcomes == [""] * (MOST_ATTEMPTS - 1) + ["failed"]
    row = Delivery.objects.get()
    assert (row.outcome, row.fault, row.attempts) == ("failed", "OSError", MOST_ATTEMPTS)


def test_one_that_fails_holds_up_no_other(db: None) -> None:
    post = Post(broken=1)
    send(person())
    send(person())
    spread(post.ways)
    assert sorted(deliver(post.ways)) == ["", "sent"]


def test_quiet_hours_hold_a_notice_until_the_morning(db: None) -> None:
    post = Post()
    night = datetime(2025, 6, 1, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    send(person())
    send(person(), kind="security")
    spread(post.ways, night)
    assert deliver(post.ways, night) == ["sent"], "safety waits for nothing"
    assert deliver(post.ways, night + timedelta(hours=8, minutes=29)) == []
    assert deliver(post.ways, night + timedelta(hours=8, minutes=30)) == ["sent"]


def test_what_was_read_meanwhile_does_not_ring_in_the_morning(db: None) -> None:
    post, me = Post(), person()
    night = datetime(2025, 6, 1, 15, 30, tzinfo=UTC)
    send(me)
    spread(post.ways, night)
    mark_all_read(person_id=me, now=night, actor=SYSTEM)
    assert deliver(post.ways, night + timedelta(hours=9)) == ["read"]
    assert post.letters == []


def test_quiet_hours_are_those_of_the_persons_own_day(db: None) -> None:
    post, me = Post(), person()
    choose_quiet_hours(
        person_id=me, quiet=Quiet(22 * 60, 8 * 60), time_zone="America/New_York", now=NOW, actor=SYSTEM
    )
    send(me)
    spread(post.ways)  # midnight in New York
    assert deliver(post.ways) == []
    assert deliver(post.ways, NOW + timedelta(hours=8)) == ["sent"]


def test_opting_out_by_kind_and_channel(db: None) -> None:
    post, me = Post(), person()
    refused = {("points_expiring", "sms"), ("security", "sms"), ("points_expiring", "owl")}
    choose_channels(person_id=me, refused=refused, now=NOW, actor=SYSTEM)
    assert list_opt_outs(me) == {("points_expiring", "sms")}
    send(me)
    send(me, kind="security")
    send(me, "points_activated", "points_activated")
    spread(post.ways)
    assert deliver(post.ways) == ["sent", "sent"]
    assert count_unread(me) == 3
    choose_channels(person_id=me, refused=(), now=NOW, actor=SYSTEM)
    assert list_opt_outs(me) == set()


def test_who_is_erased_is_told_nothing_any_more(db: None) -> None:
    post, me = Post(), person()
    send(me)
    spread(post.ways)
    forget_person(person_id=me, now=NOW, actor=SYSTEM)
    assert deliver(post.ways) == []
    assert export_person(me)["notices"] == []


@pytest.mark.usefixtures("committed")
def test_eight_deliverers_at_once_deliver_everything_once() -> None:
    me = person()
    notices = [send(me) for _ in range(40)]
    lock, letters, faults = threading.Lock(), [], []
    start = threading.Barrier(8)

    def keep(letter: Letter | Mail) -> None:
        with lock:
            letters.append(letter)

    def work() -> None:
        ways = Ways(sms=keep)
        try:
            start.wait()
            while True:
                with transaction.atomic():
                    taken = spread(ways)
                with transaction.atomic():
                    outcome = deliver_next(ways=ways, addresses=addresses_of, now=NOW, actor=SYSTEM)
                if outcome is None and not taken:
                    break
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    mine = [one for one in letters if isinstance(one, Letter)]
    ids = {row.id for row in notices}
    done = Delivery.objects.filter(notice_id__in=ids)
    while any(row.at is None for row in done.all()):
        with transaction.atomic():
            deliver_next(ways=Ways(sms=keep), addresses=addresses_of, now=NOW, actor=SYSTEM)
    assert done.filter(outcome="sent").count() == 40
    assert len({one.notice for one in mine}) == len(mine), "something left twice"
    with transaction.atomic():
        forget_person(person_id=me, now=NOW, actor=SYSTEM)
