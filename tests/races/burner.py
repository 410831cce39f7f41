"""A process of its own that burns one point at a time: `python -m tests.races.burner MERCHANT MEMBER NAME COUNT`."""

import sys
from uuid import UUID

import django


def main() -> None:
    django.setup()
    from tessera.kit.connections import connect
    from tessera.ledger.rules import Posting
    from tests.ledger.conftest import Book
    from tests.races.race import post_retried

    merchant, member, name, count = UUID(sys.argv[1]), UUID(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    with connect() as connection:
        book = Book(connection, merchant)
        print("ready", flush=True)
        sys.stdin.readline()
        done = 0
        for number in range(count):
            answers = post_retried(
                connection, [book.burn(member, 1, f"{name}{number}"), book.burn(member, 1, f"same{number}")]
            )
            done += sum(isinstance(answer, Posting) and answer.status == "posted" for answer in answers)
    print(done, flush=True)


if __name__ == "__main__":
    main()
