"""`tessera bench`: measures Tessera beside pgbench on a PostgreSQL of its own."""

import argparse
import json
from pathlib import Path

from tessera.site.bench.pace import FULL, PARTS, QUICK
from tessera.site.command import CommandError, say

__all__ = ["add_arguments", "run"]

_USUAL_FILE = Path("../shared/data/online_retail/online_retail.csv.gz")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera bench`."""
    parser.add_argument(
        "--quick", action="store_true", help="short runs, a minute in all: is it right, not how fast"
    )
    parser.add_argument(
        "part", nargs="?", choices=PARTS, metavar="NAME", help=f"only this: {', '.join(PARTS)}"
    )
    parser.add_argument("--only", metavar="NAME,...", help="only these")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    parser.add_argument(
        "--file", type=Path, metavar="online_retail.csv.gz", help="the real set for the import"
    )
    parser.add_argument("--profile", action="store_true", help="show where the time of the handler goes")
    parser.add_argument(
        "--in", dest="place", type=Path, metavar="DIR", help="make the temporary database below DIR"
    )


def run(options: argparse.Namespace) -> int:
    """Measure, print the table; return 1 if an answer was not as it should be (a missed target is a finding, not a fault)."""
    from rich.console import Console

    from tessera.site.bench.ground import open_ground
    from tessera.site.bench.report import as_json, show
    from tessera.site.bench.sitting import sit
    from tessera.site.command import migrate_apart

    parts = _parts(options.part or options.only)
    file = options.file or (_USUAL_FILE if _USUAL_FILE.exists() else None)
    if file is not None and not file.exists():
        raise CommandError(f"There is no file {file}.")
    pace = QUICK if options.quick else FULL
    with open_ground(options.place, say) as ground:
        ground.choose("tessera")
        migrate_apart()
        found = sit(ground, pace, parts=parts, file=file, profile=options.profile, say=say)
    console = Console()
    show(found, console if console.is_terminal else Console(width=200))
    if options.json:
        figures = json.dumps(as_json(found, quick=options.quick), indent=1, ensure_ascii=False)
        options.json.write_text(figures + "\n", encoding="utf-8")
        say(f"Figures written to {options.json}.")
    return 1 if found.faults else 0


def _parts(only: str | None) -> tuple[str, ...]:
    if only is None:
        return PARTS
    named = tuple(name.strip() for name in only.split(",") if name.strip())
    unknown = [name for name in named if name not in PARTS]
    if unknown or not named:
        raise CommandError(f"--only takes some of {', '.join(PARTS)}; not “{', '.join(unknown)}”.")
    return named
