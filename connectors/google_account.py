"""As whom does the gateway ask Google? As a service account, by the key file that Google made for it.

The assertion is a signed JWT of four claims (RFC 7523). It is made here with `cryptography`, which the gateway needs
anyway: a library of Google's would bring its own transport, retries and search for credentials in the environment.
"""

from __future__ import annotations

import json
import re
import stat
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BeforeValidator, InstanceOf, PlainSerializer

from connectors.contract import Misconfigured
from connectors.options import resolve_path
from connectors.secret_reference import referred
from connectors.web import safe_url

SCOPE = "https://www.googleapis.com/auth/spreadsheets.readonly"
_TOKEN_URI = "https://oauth2.googleapis.com/token"
_LIFETIME = 3600
"""Seconds; the longest that Google takes."""
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
_OTHERS = {
    "authorized_user": "the file of a person's own login",
    "external_account": "the file of a federated identity",
}


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Whoever holds this can read what was shared with `email`."""

    email: str
    """No secret: people share their sheets with this address."""
    token_uri: str
    key_id: str = field(repr=False)
    key: RSAPrivateKey | None = field(repr=False, compare=False)
    """None where the configuration is only looked at, on a machine that does not have the key."""
    exposed: Path | None = field(default=None, compare=False)
    """The key's file, where other users of the machine may read it."""

    def assertion(self, now: float) -> str:
        """A signed request for a token, valid from `now` (seconds since 1970) for an hour and for `token_uri` alone."""
        if self.key is None:
            raise Misconfigured("the service account's key is not on this machine")
        head = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        issued = int(now)
        claims = {
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": issued,
            "exp": issued + _LIFETIME,
        }
        signed = b".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
        return b".".join((signed, _base64(self.key.sign(signed, PKCS1v15(), SHA256())))).decode()


def service_account(text: str) -> ServiceAccount:
    """The account of a key file's content. Raises ValueError, which never quotes the content."""
    try:
        content = json.loads(text)
    except ValueError:
        raise ValueError("the credentials are no JSON: give the file that Google made for the key, unchanged") from None
    if not isinstance(content, Mapping) or content.get("type") != "service_account":
        raise ValueError(f"the credentials are {_instead(content)}, not the JSON key of a service account")
    return ServiceAccount(
        _email(content),
        _token_uri(content.get("token_uri", _TOKEN_URI)),
        str(content.get("private_key_id", "")),
        _private_key(content.get("private_key")),
    )


def _instead(content: object) -> str:
    if not isinstance(content, Mapping):
        return "something else"
    if "installed" in content or "web" in content:
        return "the file of an OAuth client"
    return _OTHERS.get(str(content.get("type")), "the file of something else")


def _email(content: Mapping[str, Any]) -> str:
    email = content.get("client_email")
    if not (isinstance(email, str) and _EMAIL.fullmatch(email)):
        raise ValueError("the credentials hold no client_email")
    return email


def _token_uri(uri: object) -> str:
    try:
        return safe_url(str(uri))
    except ValueError:
        raise ValueError("the credentials' token_uri is no https URL: the key is sent nowhere else") from None


def _private_key(pem: object) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(str(pem).encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("the credentials' private_key cannot be read: give the file as Google made it") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the credentials' private_key is no RSA key")
    return key


def _account(reference: object) -> object:
    if isinstance(reference, ServiceAccount):
        return reference
    text = referred(reference)
    if text is None:
        return ServiceAccount("absent", _TOKEN_URI, "", None)
    account = service_account(text)
    kind, _, name = str(reference).partition(":")
    path = resolve_path(Path(name))
    exposed = path if kind == "file" and _read_by_all(path) else None
    return ServiceAccount(account.email, account.token_uri, account.key_id, account.key, exposed)


def _read_by_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _base64(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


KeyFile = Annotated[
    InstanceOf[ServiceAccount],
    BeforeValidator(_account),
    PlainSerializer(lambda account: account.email, return_type=str),
]
"""A service account named by reference, `file:PATH` (or `env:NAME`) of its JSON key."""
