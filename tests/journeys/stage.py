"""`python -m tests.journeys.stage` loads the demo coalition and who else the journeys need; prints ids as JSON.

All telephone numbers are made up (+86 100 ...).
"""

import json
import sys
from pathlib import Path


def main() -> None:
    from tessera.site.command import prepare_django

    prepare_django()
    json.dump(_opened(), sys.stdout)


def _opened() -> dict[str, object]:
    from django.conf import settings
    from django.db import transaction

    from tessera.kit import clock
    from tessera.kit.actors import SYSTEM
    from tessera.kit.connections import connect
    from tessera.kit.ids import show_id
    from tessera.merchants.actions.staff import employ_person
    from tessera.merchants.models import Store
    from tessera.people.actions.persons import open_person, register_person
    from tessera.site.demo import STAND_INS, load_purchases, open_coalition, phone_of

    now = clock.now()
    demo, keys = open_coalition(Path(settings.TESSERA_DATA_DIR), now=now)
    with connect(application_name="tessera-demo") as connection:
        load_purchases(connection, demo, advance=lambda _: None)
    phones = {role: phone_of(number) for role, number in STAND_INS.items()}
    phones |= {"guide": phone_of(902), "other": phone_of(910), "manager": phone_of(903)}
    with transaction.atomic():
        manager = open_person(phone=phones["manager"], nickname="店长", now=now, actor=SYSTEM)
        register_person(person_id=manager.id, now=now, actor=SYSTEM)
        employ_person(
            merchant_id=demo.merchant_ids[0],
            person_id=manager.id,
            role="manager",
            store_id=None,
            now=now,
            actor=SYSTEM,
        )
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
    }


if __name__ == "__main__":
    main()
