"""Secrets: from the environment, or made once into a file that only its owner can read."""

import os
import secrets
from pathlib import Path

__all__ = ["secret_key"]


def secret_key(data_dir: Path) -> str:
    """Return TESSERA_SECRET_KEY, or the key kept in `data_dir`/secret_key (made with mode 600 when missing)."""
    given = os.environ.get("TESSERA_SECRET_KEY")
    if given:
        return given
    kept = data_dir / "secret_key"
    if not kept.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, kept)  # the first of several processes wins, all read the same key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return kept.read_text(encoding="ascii").strip()
