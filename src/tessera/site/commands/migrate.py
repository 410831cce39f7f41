"""`tessera migrate`: brings the database up to date (migrations, functions, permissions)."""

import argparse
import os

from tessera.site.command import owner_address, say

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera migrate`."""
    parser.add_argument(
        "--check", action="store_true", help="only say whether anything is pending (exit 1 if so)"
    )


def run(options: argparse.Namespace) -> int:
    """Migrate, or say what is pending; return the exit status."""
    from tessera.site.database import bring_up_to_date, find_pending, is_prepared

    if options.check:
        is_prepared(owner_address())  # says at once when the server does not answer
        pending = find_pending()
        for name in pending.migrations:
            say(f"pending: {name}")
        if pending.functions:
            say("pending: database functions")
        if not pending:
            say("The database is up to date.")
        return 1 if pending else 0
    done = bring_up_to_date(app_url=os.environ["DATABASE_URL"], say=say)
    say(f"The database is up to date ({len(done.migrations)} migrations applied now).")
    return 0
