"""An authenticator in software: makes passkeys and answers challenges, rightly or wrongly."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

__all__ = ["Authenticator"]

_PRESENT, _VERIFIED, _ATTESTED = 1, 4, 64


@dataclass
class Authenticator:
    """One passkey on one device; `verifies` tells whether the device asked for finger, face or screen lock."""

    origin: str = "http://testserver"
    host: str = "testserver"
    verifies: bool = True
    handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer what /me/passkeys/options asks."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        statement = {"fmt": "none", "attStmt": {}, "authData": self._signed_part(_ATTESTED) + attested}
        response = {
            "clientDataJSON": self._client("webauthn.create", asked["challenge"]),
            "attestationObject": websafe_encode(cbor.encode(statement)),
        }
        return self._shown(response)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer what /sign-in/passkey/options asks."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        part = self._signed_part(0)
        signed = part + hashlib.sha256(self._bytes(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(part),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self.handle,
        }
        return self._shown(response)

    def _signed_part(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> str:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return websafe_encode(json.dumps(told).encode())

    @staticmethod
    def _bytes(text: str) -> bytes:
        from fido2.utils import websafe_decode

        return websafe_decode(text)

    def _shown(self, response: dict[str, Any]) -> dict[str, Any]:
        shown = websafe_encode(self.credential_id)
        return {
            "id": shown,
            "rawId": shown,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": response,
        }
