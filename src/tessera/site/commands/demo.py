"""`tessera demo`: loads a small coalition into an empty database, so that there is something to look at."""

import argparse

from tessera.site.command import say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera demo`."""
    parser.add_argument(
        "--port", type=int, default=8000, help="the server's port, for the example (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Load the demo where there is no merchant yet; run again, it goes on where it stopped, or does nothing."""
    from pathlib import Path

    from django.conf import settings

    from tessera.kit import clock
    from tessera.kit.connections import connect
    from tessera.merchants.models import Merchant
    from tessera.site.demo import KEYS_FILE, days_of_demo, find_demo, load_purchases, open_coalition
    from tessera.site.demo_events import count_events, load_events
    from tessera.site.demo_script import MEMBERS, SHOPS
    from tessera.site.progress import progress_bar

    place = Path(settings.TESSERA_DATA_DIR)
    demo = find_demo()
    keys: list[tuple[str, str]] = []
    if demo is None:
        if Merchant.objects.exists():
            say("There are merchants already; the demo is only loaded into an empty database.")
            return 0
        demo, keys = open_coalition(place, now=clock.now())
    with (
        connect(application_name="tessera-demo") as connection,
        progress_bar("Days", total=days_of_demo()) as advance,
    ):
        purchases, returns, points = load_purchases(connection, demo, advance=advance)
    with (
        connect(application_name="tessera-demo") as connection,
        progress_bar("Events", total=count_events()) as advance,
    ):
        events, arrived = load_events(connection, demo.merchant_ids, advance=advance, now=clock.now())
    say(
        f"The demo coalition: {len(SHOPS)} merchants, {len(MEMBERS)} members, {purchases} purchases, "
        f"{returns} returns, {points:,} points, {events} events with {arrived} arrivals."
    )
    if not keys:
        say(f"It was loaded before; its API keys are in {place / KEYS_FILE}.")
        return 0
    for purpose, secret in keys:
        print(f"{secret}  {purpose}")
    say(
        f"These API keys are not shown again; they are in {place / KEYS_FILE} (mode 600). With the server running, try:"
    )
    print(_example(keys[0][1], options.port))
    return 0


def _example(secret: str, port: int) -> str:
    body = (
        '{"receipt_number": "FIRST-1", "member": {"phone": "+8610000000001"},'
        ' "lines": [{"sku": "B-101", "quantity": 2}]}'
    )
    return (
        f"curl http://127.0.0.1:{port}/api/v1/purchases -H 'Authorization: Bearer {secret}'"
        f" -H 'Idempotency-Key: first-1' -H 'Content-Type: application/json' -d '{body}'"
    )
