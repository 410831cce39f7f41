"""Notices: sent, read, delivered masked and once."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from tessera.kit.actors import SYSTEM
from tessera.kit.errors import NotFound
from tessera.kit.phones import masked_phone
from tessera.notices.actions.delivery import deliver_notices
from tessera.notices.actions.inbox import mark_read, send_notice
from tessera.notices.errors import ContextIncomplete, TemplateUnknown
from tessera.notices.models import Notice
from tessera.notices.queries import count_unread, export_person, list_notices
from tessera.notices.templates import TEMPLATES
from tessera.people.actions.persons import open_person
from tessera.site.wiring import addresses_of
from tests.cast import NOW, made_up_phone

CONTEXT = {"points": 30, "merchant": "老茶馆", "expires_on": "2025-12-31"}


def send(person_id: UUID, template: str = "points_expiring") -> Notice:
    return send_notice(
        person_id=person_id, kind=template, template=template, context=CONTEXT, now=NOW, actor=SYSTEM
    )


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
    person = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    other = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    notices = [send(person.id) for _ in range(3)]
    with django_assert_num_queries(1):
        page = list_notices(person.id, limit=2)
    assert [notice.id for notice in page.items] == [notices[2].id, notices[1].id]
    rest = list_notices(person.id, limit=2, cursor=page.next_cursor)
    assert [notice.id for notice in rest.items] == [notices[0].id]
    mark_read(notice_id=notices[0].id, person_id=person.id, now=NOW, actor=SYSTEM)
    assert count_unread(person.id) == 2
    assert len(list_notices(person.id, unread=True).items) == 2
    with pytest.raises(NotFound):
        mark_read(notice_id=notices[1].id, person_id=other.id, now=NOW, actor=SYSTEM)
    assert len(export_person(person.id)) == 3


def test_delivery_to_a_file_is_masked_and_once(db: None, tmp_path: Path) -> None:
    phone = made_up_phone()
    english = open_person(phone=phone, language="en", now=NOW, actor=SYSTEM)
    chinese = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    nameless = open_person(phone=None, now=NOW, actor=SYSTEM)
    for person in (english, chinese, nameless):
        send(person.id)

    def deliver() -> int:
        return deliver_notices(port="file", data_dir=tmp_path, addresses=addresses_of, now=NOW, actor=SYSTEM)

    assert deliver() == 3
    assert deliver() == 0
    text = (tmp_path / "notices.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["language"] for line in lines] == ["en", "zh-Hans"]
    assert lines[0]["phone"] == masked_phone(phone)
    assert lines[1]["text"] == "您在老茶馆的 30 积分将于 2025-12-31 到期。"
    assert phone not in text


def test_delivery_to_the_console(db: None, tmp_path: Path, capsys) -> None:
    phone = made_up_phone()
    send(open_person(phone=phone, now=NOW, actor=SYSTEM).id, "points_activated")
    deliver_notices(port="console", data_dir=tmp_path, addresses=addresses_of, now=NOW, actor=SYSTEM)
    written = capsys.readouterr().out
    assert "30 积分现在可以使用了" in written
    assert phone not in written


def test_delivery_switched_off_keeps_the_inbox(db: None, tmp_path: Path) -> None:
    person = open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM)
    send(person.id)
    assert deliver_notices(port="off", data_dir=tmp_path, addresses=addresses_of, now=NOW, actor=SYSTEM) == 1
    assert list(tmp_path.iterdir()) == []
    assert count_unread(person.id) == 1


def test_a_port_that_fails_leaves_the_notice_waiting(db: None, tmp_path: Path) -> None:
    from django.db import transaction

    send(open_person(phone=made_up_phone(), now=NOW, actor=SYSTEM).id)
    (tmp_path / "notices.jsonl").mkdir()
    with pytest.raises(IsADirectoryError), transaction.atomic():
        deliver_notices(port="file", data_dir=tmp_path, addresses=addresses_of, now=NOW, actor=SYSTEM)
    assert Notice.objects.filter(delivered_at__isnull=True).count() == 1
