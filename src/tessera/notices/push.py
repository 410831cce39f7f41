"""Web Push (RFC 8030, 8291, 8292): encrypted for one browser, signed with the platform's own key.

The endpoint is an address that a browser names, so only known push services are called, never with a redirect.
"""

import base64
import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

__all__ = ["PushGone", "PushKey", "allowed_endpoint", "load_push_key", "send_push", "usable_keys"]

_KEY_FILE = "push_key.pem"
_TIMEOUT_S = 10
_PLAIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?(?:[/?][\x21-\x5b\x5d-\x7e]{0,900})?")
"""No character over which two readers of addresses disagree where the host ends: for some a backslash ends it."""

_SECRET_BYTES = 16
_KEPT_S = 24 * 3600
"""How long a push service keeps a notice for a browser that is switched off."""


class PushGone(Exception):  # noqa: N818 - an answer, no error
    """The subscription is no more: the push service said 404 or 410."""


@dataclass(frozen=True, slots=True)
class PushKey:
    """The platform's key pair; `public` is what a browser is given when it subscribes."""

    private: Vapid02
    public: str


def load_push_key(data_dir: Path) -> PushKey:
    """Return the key in the data directory, made on first use; readable by its owner alone."""
    path = data_dir / _KEY_FILE
    if not path.exists():
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = Vapid02()
        fresh.generate_keys()
        mine = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(fresh.private_pem())
        try:
            os.link(mine, path)  # two processes at once: the first one's key holds
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    private = Vapid02.from_file(str(path))
    point = private.public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return PushKey(private, base64.urlsafe_b64encode(point).decode().rstrip("="))


def allowed_endpoint(endpoint: str, services: Collection[str]) -> bool:
    """Say whether the address belongs to a push service of `services` ("host" or ".domain"), over HTTPS.

    An entry that begins with "http://" allows that one origin as it stands: for trying it at home.
    """
    if not _PLAIN.fullmatch(endpoint):
        return False
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    if f"{parts.scheme}://{parts.netloc}" in services and parts.scheme == "http":
        return True
    if parts.scheme != "https" or port not in {None, 443} or parts.username or parts.password:
        return False
    return any(host == one or (one.startswith(".") and host.endswith(one)) for one in services)


def usable_keys(public_key: str, secret: str) -> bool:
    """Say whether a browser's keys are of the kind that RFC 8291 names: a point of P-256, and 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(public_key))
        return len(_decoded(secret)) == _SECRET_BYTES
    except ValueError:
        return False


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def send_push(
    *, endpoint: str, public_key: str, secret: str, told: dict[str, str], key: PushKey, contact: str
) -> None:
    """Send `told` (title, text, address, tag) to one browser; raises PushGone, or OSError when it did not arrive."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    try:
        webpush(
            {"endpoint": endpoint, "keys": {"p256dh": public_key, "auth": secret}},
            json.dumps(told, ensure_ascii=False),
            vapid_private_key=key.private,
            vapid_claims={"sub": contact},
            ttl=_KEPT_S,
            timeout=_TIMEOUT_S,
            requests_session=session,
        )
    except WebPushException as fault:
        status = fault.response.status_code if fault.response is not None else 0
        if status in {404, 410}:
            raise PushGone from None
        raise OSError(f"push service: {status}") from None
    except (requests.RequestException, ValueError, LookupError, TypeError) as fault:
        raise OSError(type(fault).__name__) from None
    finally:
        session.close()
