"""`python -m tests.journeys.stage [plain]` loads the demo coalition and what else the journeys need; prints ids as JSON.

Beside the demo there are a manager of its first shop, a newcomer without anything, a merchant that waits for approval, and
a house in which everything has a name that means harm (not with `plain`, for pictures). All telephone numbers are made up (+86 100 ...).
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

NASTY = "<img src=x onerror=alert(1)>\"'{{7*7}}"


def main() -> None:
    from tessera.site.command import database_server, ensure_migrated

    with database_server():
        ensure_migrated()
        json.dump(_opened(), sys.stdout)


def _opened() -> dict[str, Any]:
    from django.conf import settings
    from django.db import transaction

    from tessera.kit import clock
    from tessera.kit.connections import connect
    from tessera.kit.ids import show_id
    from tessera.merchants.models import Store
    from tessera.site.demo import STAND_INS, load_purchases, open_coalition, phone_of
    from tests.page_cast import make_page_cast

    now = clock.now()
    demo, keys = open_coalition(Path(settings.TESSERA_DATA_DIR), now=now)
    with connect(application_name="tessera-demo") as connection:
        load_purchases(connection, demo, advance=lambda _: None)
    phones = {role: phone_of(number) for role, number in STAND_INS.items()}
    phones |= {
        "guide": phone_of(902), "other": phone_of(910), "manager": phone_of(980), "newcomer": phone_of(981),
    }  # fmt: skip
    with transaction.atomic():
        pending = _more_people(demo.merchant_ids[0], phones, now)
    nasty = None if "plain" in sys.argv[1:] else make_page_cast(NASTY)
    stores = Store.objects.filter(merchant_id__in=demo.merchant_ids).order_by("merchant_id", "number")
    return {
        "phones": phones,
        "merchants": [show_id("mer", one) for one in demo.merchant_ids],
        "stores": {
            show_id("mer", merchant): [
                show_id("sto", one.id) for one in stores if one.merchant_id == merchant
            ]
            for merchant in demo.merchant_ids
        },
        "keys": [secret for _, secret in keys],
        "ids": {**_ids_of(demo.merchant_ids[0], phones), "pending": show_id("mer", pending)},
        "nasty": {"ids": dict(nasty.ids), "persons": {who: str(one) for who, one in nasty.persons.items()}}
        if nasty
        else {},
    }


def _more_people(merchant_id: UUID, phones: dict[str, str], now: datetime) -> UUID:
    from tessera.kit.actors import SYSTEM
    from tessera.merchants.actions.merchants import open_merchant
    from tessera.merchants.actions.staff import employ_person
    from tessera.orders.actions.imports import begin_import, finish_import
    from tessera.people.actions.persons import open_person, register_person

    made = {}
    for role, nickname in (("manager", "店长"), ("newcomer", "新来的")):
        made[role] = open_person(phone=phones[role], nickname=nickname, now=now, actor=SYSTEM)
        register_person(person_id=made[role].id, now=now, actor=SYSTEM)
    employ_person(
        merchant_id=merchant_id,
        person_id=made["manager"].id,
        role="manager",
        store_id=None,
        now=now,
        actor=SYSTEM,
    )
    named = {"file_name": "六月.csv", "file_sha256": b"\0" * 32, "reading": {"columns": {}}, "anew": True}
    file = begin_import(merchant_id=merchant_id, now=now, actor=SYSTEM, **named)
    finish_import(import_id=file.id, now=now, actor=SYSTEM)
    return open_merchant(name="福记饼家", phone="+8610000000970", now=now, actor=SYSTEM).id


def _ids_of(merchant_id: UUID, phones: dict[str, str]) -> dict[str, str]:
    """One of everything of the demo's first shop, as addresses name it; the purchase is that of the demo's member."""
    from tessera.catalog.models import Category, Product
    from tessera.kit.ids import show_id
    from tessera.merchants.models import ApiKey, Employment, Store
    from tessera.orders.models import Import, Purchase, Return
    from tessera.people.models import Person
    from tessera.points.models import EarningRule
    from tests.events.cast import event_ids
    from tests.page_cast import notice_for, product_file

    member = Person.objects.get(phone=phones["member"])
    own = {"merchant_id": merchant_id}
    first = {
        "mer": merchant_id,
        "sto": Store.objects.filter(**own).earliest("number").id,
        "prd": Product.objects.filter(**own).earliest("sku").id,
        "cat": Category.objects.filter(**own).earliest("id").id,
        "pur": Purchase.objects.filter(member_id=member.id, **own).latest("occurred_at").id,
        "rul": EarningRule.objects.filter(**own).earliest("id").id,
        "per": member.id,
        "key": ApiKey.objects.filter(**own).earliest("id").id,
        "emp": Employment.objects.filter(role="guide", **own).earliest("id").id,
        "imp": Import.objects.filter(**own).earliest("id").id,
        "rtn": Return.objects.filter(**own).earliest("id").id,
    }
    words = {
        "mer": "merchant", "sto": "store", "prd": "product", "cat": "category", "pur": "purchase", "rul": "rule",
        "per": "member", "key": "key", "emp": "employment", "imp": "import", "rtn": "return",
    }  # fmt: skip
    ids = {words[prefix]: show_id(prefix, one) for prefix, one in first.items()}
    guide = Person.objects.get(phone=phones["guide"])
    events = event_ids(ids["merchant"], {"member": member.id, "guide": guide.id})
    if "plain" in sys.argv[1:]:
        _dress(events["event"])
    return {
        **ids,
        **events,
        "product_file": product_file(merchant_id, "七月.csv"),
        "notice": notice_for(member.id, "福记饼家"),
    }


def _dress(event: str) -> None:
    """Let the event of the cast look as one of the demo's, with a crowd that has come within the hour: for pictures."""
    from datetime import timedelta

    from tessera.events.models import Arrival, Event, Registration, Seats
    from tessera.kit import clock
    from tessera.kit.ids import parse_id
    from tests.events.stage import a_guest, an_arrival

    event_id = parse_id("evt", event)
    Event.objects.filter(pk=event_id).update(
        title="元宵灯会之夜",
        text="看花灯，品新茶，认识新朋友。",
        place="老街茶馆",
        address="中山路 18 号",
        district="徐汇区",
    )
    Arrival.objects.filter(event_id=event_id).update(door="东门")
    for old, name in (("Member", "沈若澜"), ("Lan", "陆之远"), ("Ping", "顾晓棠")):
        Registration.objects.filter(event_id=event_id, name=old).update(name=name)
    row = Event.objects.get(pk=event_id)
    for number in range(3, 48):
        ago = timedelta(minutes=55 - number - number % 5)
        guest = a_guest(row, name=f"来宾{number}")
        an_arrival(row, guest, number, door="东门" if number % 3 else "西门", arrived_at=clock.now() - ago)
    for number in range(12):
        a_guest(row, name=f"候客{number + 1}")
    assert Seats.objects.get(pk=event_id).taken >= 59


if __name__ == "__main__":
    main()
