"""Records numbered receipts of one merchant in batches, as a server would; prints what was new and what a repeat."""

import json
import sys
from uuid import UUID

import django


def main(merchant: str, count: str) -> None:
    django.setup()
    from tessera.kit.connections import connect
    from tessera.kit.retry import retried
    from tessera.orders.actions.receipts import record_receipts
    from tessera.orders.rules import RecordedPurchase, RecordPurchase, SoldLine
    from tests.orders.till import NOW

    recorded = repeats = 0
    with connect() as connection:
        for start in range(0, int(count), 20):
            commands = [
                RecordPurchase(
                    UUID(merchant), f"{number}", ("number", f"C-{number % 9}"), (SoldLine("A", 2),), "test", "test",
                    occurred_at=NOW,
                )
                for number in range(start, start + 20)
            ]  # fmt: skip
            for one in retried(
                connection, lambda c, commands=commands: record_receipts(c, commands, now=NOW)
            ):
                assert isinstance(one, RecordedPurchase), one
                recorded, repeats = recorded + (not one.repeat), repeats + one.repeat
    print(json.dumps({"recorded": recorded, "repeats": repeats}))


if __name__ == "__main__":
    main(*sys.argv[1:])
