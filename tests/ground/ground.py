"""What the tests of the ground share: running the command as a person would, on an embedded server of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_OURS = ("DATABASE_URL", "TESSERA_", "DJANGO_", "PYTEST_")


def embedded_environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Return an environment without a database of ours: the command has to start the embedded one."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**bare, "TESSERA_DATA_DIR": str(data_dir), **more}


def tessera(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `tessera` to its end."""
    command = [sys.executable, "-m", "tessera", *arguments]
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Serving:
    """A running `tessera serve`; `words` reads what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path, port: int) -> None:
        self.process, self.said, self.port = process, said, port

    @property
    def words(self) -> str:
        return self.said.read_text()

    def wait_for(self, text: str, times: int = 1, seconds: float = 90) -> None:
        until = time.monotonic() + seconds
        while self.words.count(text) < times:
            assert self.process.poll() is None, self.words
            assert time.monotonic() < until, f"no {text!r} in:\n{self.words}"
            time.sleep(0.05)


@contextmanager
def serving(environment: Mapping[str, str], said: Path, *options: str) -> Iterator[Serving]:
    """Run `tessera serve` on a free port while the context is open, and wait until it is ready."""
    port = free_port()
    command = [sys.executable, "-m", "tessera", "serve", "--port", str(port), *options]
    with said.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stderr=out, stdout=out, stdin=subprocess.DEVNULL)
    found = Serving(process, said, port)
    try:
        found.wait_for("Tessera is ready")
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
