"""The import contracts hold, and every room that exists is in them."""

import subprocess
import sys
from pathlib import Path

from tests.tidy.source import ROOT


def test_import_contracts() -> None:
    """Prevents a lower room from knowing a higher one, and a room that no contract mentions."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_migrations_are_complete() -> None:
    """Prevents a model that was changed without its migration."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "django",
        "makemigrations",
        "--check",
        "--dry-run",
        "-v",
        "1",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
