"""`tessera audit`: checks every invariant of the ledger on the live database."""

import argparse

from tessera.site.command import say

__all__ = ["add_arguments", "run"]

_MOST_LINES = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera audit`."""
    parser.add_argument("--quiet", action="store_true", help="no progress bar, only faults and the verdict")


def run(options: argparse.Namespace) -> int:
    """Check one snapshot of the ledger; print a line for each fault; return 0 if there is none, else 1."""
    import psycopg
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from tessera.kit.connections import connect
    from tessera.ledger.audit import PHASES, audit, expected_sizes

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        connect(application_name="tessera-audit") as connection,
        Progress(*columns, console=console, disable=options.quiet or not console.is_terminal) as progress,
    ):
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        sizes = expected_sizes(connection)
        bars = {
            phase: progress.add_task(f"Entries by {phase[:-1]}", total=sizes[phase] or None)
            for phase in PHASES
        }
        seen = dict.fromkeys(PHASES, 0)

        def watch(phase: str, entries: int) -> None:
            seen[phase] += entries
            progress.update(bars[phase], advance=entries, total=max(sizes[phase], seen[phase]))

        faults = 0
        for fault in audit(connection, watch=watch):
            faults += 1
            if faults <= _MOST_LINES:
                print(fault, flush=True)
        for phase, bar in bars.items():
            progress.update(bar, total=max(seen[phase], 1), completed=max(seen[phase], 1))
    if faults > _MOST_LINES:
        print(f"... and {faults - _MOST_LINES:,} more")
    if faults:
        say(f"{faults:,} faults in {seen['accounts']:,} entries.")
        return 1
    say(f"The ledger is sound: {seen['accounts']:,} entries, {seen['days']:,} of them chained by day.")
    return 0
