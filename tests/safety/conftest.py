"""A data directory with a migrated database and the cast on its stage, made once a worker, copied for each test."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.ground.conftest import _copy
from tests.ground.ground import embedded_environment

ROOT = Path(__file__).parents[2]


@dataclass
class Place:
    """A data directory of one test; `cast` holds the secrets and ids that stage.py printed."""

    folder: Path
    cast: dict[str, Any]

    @property
    def postmaster(self) -> int:
        return int(self._marks()[0])

    def url(self, user: str = "postgres") -> str:
        return f"postgresql://{user}@/tessera?host={self._marks()[4]}"

    def _marks(self) -> list[str]:
        return (self.folder / "postgres" / "postmaster.pid").read_text().splitlines()


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("safety") / "d"
    command = [sys.executable, "-m", "tests.safety.stage"]
    done = subprocess.run(
        command, env=embedded_environment(folder), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Place(folder, json.loads(done.stdout))


@pytest.fixture
def place(staged: Place, tmp_path: Path) -> Iterator[Place]:
    """A place of this test alone; no database server of it outlives the test."""
    own = Place(tmp_path / "d", staged.cast)
    _copy(staged.folder, own.folder)
    yield own
    with contextlib.suppress(OSError, IndexError, ValueError, psutil.NoSuchProcess):
        left = psutil.Process(own.postmaster)
        if left.name().startswith("postgres"):
            for member in (*left.children(recursive=True), left):
                member.send_signal(signal.SIGCONT)
            os.kill(left.pid, signal.SIGQUIT)
            left.wait(30)
