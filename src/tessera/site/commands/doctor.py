"""`tessera doctor`: one line for each check, so that a person knows what to mend."""

import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera doctor`."""
    parser.add_argument("--port", type=int, default=8000, help="the port that the server will use")


def run(options: argparse.Namespace) -> int:
    """Print a line for each check; return 1 if one failed."""
    from tessera.site.doctor import examine

    failed = False
    for finding in examine(port=options.port):
        print(f"{finding.level:<4}  {finding.sentence}")
        failed = failed or finding.level == "fail"
    return 1 if failed else 0
