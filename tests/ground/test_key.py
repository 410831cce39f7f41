"""`tessera key`: the first key of an empty system (issue: a person who runs it needs a way in)."""

import os
import subprocess
import sys

from tessera.merchants.keys import find_key


def tessera(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tessera", *words], capture_output=True, text=True, check=False
    )


def test_the_operator_gets_a_first_key_and_it_works(committed: None) -> None:
    done = tessera("key", "--label", "head office")
    assert done.returncode == 0, done.stderr
    actor = find_key(done.stdout.strip())
    assert actor is not None
    assert actor.scopes == {"operator"}
    assert actor.merchant_id is None


def test_an_unknown_scope_is_one_sentence(committed: None) -> None:
    done = tessera("key", "--label", "x", "--scope", "everything")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "everything" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.linesep not in done.stderr.strip()
