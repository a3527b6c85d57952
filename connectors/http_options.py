"""What can be said in `[channels.options]` of a portal's list?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, field_validator, model_validator

from connectors import contract
from connectors.options import SECRET_ADVICE, ConfigPath, Secret, TimeZone
from connectors.web import safe_url

Paging = Literal["none", "page", "offset", "cursor"]

_SECRET_NAMES = frozenset({"token", "access_token", "api_key", "apikey", "api-key", "password", "secret"})
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"})
_PARAMETERS: Mapping[Paging, str] = {"none": "", "page": "page", "offset": "offset", "cursor": "cursor"}


class HttpOptions(contract.Options):
    """`[channels.options]` of a portal. A path names a value within JSON: `data.items`, `pelapor.nama`."""

    url: str = Field(description="of the list: https, or http on loopback")
    token: Secret | None = Field(default=None, description="sent with every request to the portal, and nowhere else")
    token_header: str = Field(default="Authorization", min_length=1)
    token_prefix: str = "Bearer "
    token_parameter: str | None = Field(default=None, min_length=1, description="the token in the URL instead")
    headers: Mapping[str, str] = Field(default={}, description="further headers without secrets")
    ca_file: ConfigPath | None = None
    items: str = Field(default="", description="path to the list; empty: the answer itself is the list")
    fields: Mapping[str, str] = Field(
        default={}, description="name for the mapping = path within an item; default: all, dots as _"
    )
    key: tuple[str, ...] = Field(default=(), description="paths to what says which record it is")
    identity: tuple[str, ...] = Field(default=(), description="for items without a key: paths that tell them apart")
    updated: str | None = Field(default=None, description="path to a value that changes with every edit")
    timezone: TimeZone | None = Field(default=None, description="of times without an offset; default: the gateway's")
    paging: Paging = "none"
    page_parameter: str | None = Field(default=None, min_length=1, description="default: page, offset or cursor")
    first_page: int | None = Field(default=None, ge=0, description="default: 1, or 0 for offset")
    page_size: int | None = Field(default=None, ge=1, le=10_000, description="how many items are asked for at once")
    page_size_parameter: str = Field(default="per_page", min_length=1)
    next: str | None = Field(default=None, description="path to the next page's cursor or URL")
    total: str | None = Field(default=None, description="path to the number of all items")
    max_pages: int = Field(default=1_000, ge=1, le=100_000)
    detail: str | None = Field(default=None, description="URL of one item, with {key}, where the list lacks the text")
    detail_item: str = Field(default="", description="path to the item in the answer to `detail`")
    attachments: tuple[str, ...] = Field(default=(), description="paths to the URLs of files")
    attachment_base: str | None = Field(default=None, description="where file names that are no URL lie")
    attachment_hosts: tuple[str, ...] = Field(default=(), description="other hosts that files may come from")
    max_file_bytes: int = Field(default=26_214_400, ge=1, description="of one file")
    max_bytes: int = Field(default=20_000_000, ge=1_000, description="of one answer, unpacked")
    rate: float = Field(default=5.0, gt=0, le=1_000, description="requests a second")
    timeout: float = Field(default=30.0, gt=0, le=600, description="seconds")

    @field_validator("url", "attachment_base")
    @classmethod
    def _may_be_asked(cls, text: str | None) -> str | None:
        return None if text is None else _without_secrets(safe_url(text))

    @field_validator("detail")
    @classmethod
    def _names_the_key(cls, text: str | None) -> str | None:
        if text is None:
            return None
        _without_secrets(safe_url(text.replace("{key}", "1")))
        if text.count("{key}") != 1 or "{key}" in text.partition("://")[2].partition("/")[0]:
            raise ValueError('expected one {key} after the host, as in "https://…/pengaduan/{key}"')
        return text

    @field_validator("headers")
    @classmethod
    def _holds_no_secret(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        secret = sorted(name for name in headers if name.strip().lower() in _SECRET_HEADERS)
        if secret:
            raise ValueError(f"{secret[0]} is a secret; give it as `token`, with `token_header` and `token_prefix`")
        return headers

    @model_validator(mode="after")
    def _one_identity(self) -> HttpOptions:
        if bool(self.key) == bool(self.identity):
            raise ValueError("give either `key` (paths that name a record) or `identity` (paths that tell items apart)")
        if self.detail and len(self.key) != 1:
            raise ValueError("`detail` needs a `key` of one path")
        return self

    @model_validator(mode="after")
    def _paging_is_whole(self) -> HttpOptions:
        if (self.paging == "cursor") != (self.next is not None):
            raise ValueError('`next`, the path to the next page\'s cursor or URL, belongs to paging = "cursor"')
        given = sorted({"page_parameter", "first_page", "page_size"} & self.model_fields_set)
        if self.paging == "none" and given:
            raise ValueError(f'{given[0]} has no use with paging = "none"; give `paging`')
        return self

    @model_validator(mode="after")
    def _detail_is_the_portals(self) -> HttpOptions:
        if self.detail and origin(self.detail) != origin(self.url):
            raise ValueError("`detail` is on another host than `url`: the token would go there")
        return self

    @property
    def naming(self) -> tuple[str, ...]:
        """The paths that tell records apart, by key or by content."""
        return self.key or self.identity

    @property
    def parameter(self) -> str:
        """The parameter that says which page is wanted."""
        return self.page_parameter or _PARAMETERS[self.paging]

    @property
    def first(self) -> int:
        """Its value for the first page, where it is a number."""
        return self.first_page if self.first_page is not None else int(self.paging == "page")

    def source(self) -> str:
        by = f"key={','.join(self.key)}" if self.key else f"identity={','.join(self.identity)}"
        return f"{self.url} {by}"


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: a token that is meant for one of them is told to no other."""
    parts = urlsplit(url)
    return parts.scheme, str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)


def _without_secrets(url: str) -> str:
    named = sorted(name for name, _ in parse_qsl(urlsplit(url).query) if name.lower() in _SECRET_NAMES)
    if named:
        raise ValueError(f"{named[0]} stands in the URL; {SECRET_ADVICE} as `token`, with `token_parameter`")
    return url
