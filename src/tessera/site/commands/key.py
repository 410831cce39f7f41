"""`tessera key`: issues an API key on the operator's own machine; the first key of an empty system comes from here."""

import argparse

from tessera.site.mendable import Mendable

__all__ = ["add_arguments", "run"]


class KeyRefused(Mendable):
    """Something about the key that a person can mend; the text is one sentence for that person."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `tessera key`."""
    parser.add_argument("--label", required=True, help="what the key is for, as lists will show it")
    parser.add_argument(
        "--merchant", help="the merchant's id (mer_...) or its whole name; without it an operator's key"
    )
    parser.add_argument(
        "--scope", action="append", metavar="SCOPE", help="a scope (may be given again; default: all)"
    )


def run(options: argparse.Namespace) -> int:
    """Issue the key and print its secret, once; return the exit status."""
    from django.db import transaction

    from tessera.kit import clock, trail
    from tessera.kit.actors import Actor
    from tessera.kit.refusals import Refusal
    from tessera.merchants.actions.keys import issue_key
    from tessera.merchants.rules import MERCHANT_SCOPES
    from tessera.site.commands.import_ import find_merchant

    merchant = find_merchant(options.merchant) if options.merchant else None
    scopes = options.scope or (list(MERCHANT_SCOPES) if merchant else ["operator"])
    now, actor = clock.now(), Actor(kind="operator")
    try:
        with transaction.atomic():
            key, secret = issue_key(
                merchant_id=merchant.id if merchant else None,
                label=options.label,
                scopes=scopes,
                now=now,
                actor=actor,
            )
            trail.note(actor=actor, verb="issue_key", object_kind="api_key", object_id=key.id, now=now,
                       merchant_id=merchant.id if merchant else None)  # fmt: skip
    except Refusal as refusal:
        raise KeyRefused(str(refusal)) from refusal
    print(secret)
    return 0
