"""Runs PostgreSQL's own programs (initdb, pg_ctl, pg_dump, pg_restore) and says in one sentence what went wrong."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tessera.site.mendable import Mendable

__all__ = ["EmbeddedError", "run_tool"]


class EmbeddedError(Mendable):
    """Something about the database server that a person can mend; the text is one sentence for that person."""


def run_tool(
    tool: Path,
    *arguments: str,
    account: pwd.struct_passwd | None = None,
    also_read: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a PostgreSQL program to its end and return what it printed; raises EmbeddedError with its last words.

    `account` is the user to run it as (root only); `also_read` a log file that explains a failure better;
    `environment` is added to a bare one.
    """
    bare = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **(environment or {})}
    # Files, not pipes: a server that goes on in the background would keep a pipe open.
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaints:
        try:
            done = subprocess.run(
                [str(tool), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=complaints,
                env=bare,
                cwd="/",
                user=account.pw_uid if account else None,
                group=account.pw_gid if account else None,
                extra_groups=[] if account else None,
                umask=0o077,
                check=False,
            )
        except OSError as error:
            raise EmbeddedError(f"{tool} cannot be run: {error.strerror}.") from error
        printed.seek(0)
        complaints.seek(0)
        output = printed.read().decode(errors="replace")
        words = complaints.read().decode(errors="replace")
    if done.returncode == 0:
        return output
    if also_read is not None and also_read.exists():
        words += also_read.read_text(errors="replace")[-2000:]
    if "No space left on device" in words:
        raise EmbeddedError(f"The disk is full: {tool.name} could not finish.")
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line] or lines
    raise EmbeddedError(f"{tool.name} failed: {telling[-1] if telling else f'exit status {done.returncode}'}")
