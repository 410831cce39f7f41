"""`python -m tests.safety.stage` opens, in the data directory of its environment, what the tests of safety play with.

It prints the cast's secrets and ids as JSON.
"""

import json
import sys

from tessera.site.command import database_server, ensure_migrated


def main() -> None:
    with database_server():
        ensure_migrated()
        json.dump(_opened(), sys.stdout)


def _opened() -> dict[str, object]:
    from django.db import transaction

    from tessera.catalog.actions.products import NewProduct, list_product
    from tessera.kit.actors import SYSTEM
    from tessera.kit.clock import EPOCH
    from tessera.points.actions.rules import publish_rule
    from tests.cast import NOW, make_cast

    with transaction.atomic():
        cast = make_cast()
        tiers = {"tiers": [{"quantity": 1, "points": 1}, {"quantity": 2, "points": 3}]}
        for house in (cast.a, cast.b):
            named = {"merchant_id": house.merchant_id, "now": NOW, "actor": SYSTEM}
            publish_rule(name="1, 3", kind="product", terms=tiers, effective_from=EPOCH, **named)
            list_product(product=NewProduct(sku="T-2", name="Black tea", price_minor=900), **named)
    secrets = {caller.name: caller.secret for caller in (cast.operator, cast.full, cast.reader, cast.other)}
    names = ("merchant", "store", "customer", "employment", "product", "category", "key")
    houses = {
        letter: {name: getattr(house, name) for name in names}
        for letter, house in (("a", cast.a), ("b", cast.b))
    }
    return {"secrets": secrets, **houses}


if __name__ == "__main__":
    main()
