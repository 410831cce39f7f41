"""One process beside the measured ones: `python -m tessera.site.bench.worker MODULE`.

It reads what is asked as one line of JSON, prepares, says "ready", waits for "go", runs, and answers in JSON: starting
and preparing are not measured, and its processor time is told apart from the server's and PostgreSQL's.
"""

import importlib
import json
import sys
import time

__all__ = ["main"]


def main(name: str) -> None:
    """Prepare and run the work of the module `name` of this package."""
    asked = json.loads(sys.stdin.readline())
    run = importlib.import_module(f"tessera.site.bench.{name}").prepare(asked)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if sys.stdin.readline() != "go\n":
        return
    before = time.process_time()
    answer = run()
    answer["cpu_s"] = time.process_time() - before
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
