"""How does the mock answer the calls of profile v3?"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from starlette.responses import Response

from gateway.lapor.mock.answers import answer_json, answer_message
from gateway.lapor.mock.clock import parse_instant
from gateway.lapor.mock.complaint import Complaint
from gateway.lapor.mock.form import parse_form
from gateway.lapor.mock.intake import InvalidError
from gateway.lapor.mock.seeds import Institution, Location
from gateway.lapor.mock.site import Ask, Call, Site, Switch
from gateway.lapor.mock.world import UnknownComplaintError

PAGE_SIZE = 100
LONGEST_ID = 64


class ProfileV3:
    """The calls of lapor-contract.md, "Profile v3"; what breaks a rule leaves as InvalidError (422)."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    def calls(self) -> list[Call]:
        return [
            Call("POST", "/complaints", self._file),
            Call("GET", "/complaints", self._list),
            Call("GET", "/complaints/{tracking_id}", self._show),
            Call("GET", "/complaints/{tracking_id}/followups", self._followups),
            Call("POST", "/complaints/{tracking_id}/followups", self._reply),
            Call("GET", "/categories", self._categories),
            Call("GET", "/institutions", self._institutions),
            Call("GET", "/locations", self._locations),
        ]

    def _file(self, ask: Ask) -> Response:
        form = parse_form(ask.request.headers.get("content-type", ""), ask.body)
        complaint = self._world.create(form, ask.delay)
        shown = {name: getattr(complaint, name) for name in ("tracking_id", "transaction_id", "status")}
        return answer_json(shown, 201)

    def _list(self, ask: Ask) -> Response:
        self._need_reading()
        found = [one.shown() for one in self._page_of(ask) if self._listed(one)]
        return _paged(found, ask)

    def _page_of(self, ask: Ask) -> list[Complaint]:
        since = _instant(ask, "updated_since")
        external_id = ask.query("external_id")
        if not external_id or Switch.NO_LOOKUP in self._site.switches:
            return self._world.since(since)
        found = self._world.of(external_id)
        return found if since is None else [one for one in found if one.updated_at >= since]

    def _listed(self, complaint: Complaint) -> bool:
        return not (complaint.is_secret and Switch.LISTS_HIDE_SECRET in self._site.switches)

    def _show(self, ask: Ask) -> Response:
        return answer_json(self._asked_for(ask).shown(), 200)

    def _followups(self, ask: Ask) -> Response:
        return _paged([one.shown() for one in self._asked_for(ask).followups], ask)

    def _reply(self, ask: Ask) -> Response:
        tracking_id = self._world.get(ask.request.path_params["tracking_id"]).tracking_id
        fields = _json_fields(ask.body, ("keterangan", "external_id"))
        if len(fields["external_id"]) > LONGEST_ID:
            raise InvalidError({"external_id": [f"Kolom external_id tidak boleh lebih dari {LONGEST_ID} karakter."]})
        changed = self._world.reply(tracking_id, fields["keterangan"], fields["external_id"])
        return answer_json(changed.followups[-1].shown(), 201)

    def _categories(self, ask: Ask) -> Response:
        # Which institution has which categories is not public; one that is unknown has none.
        institution_id = ask.query("institution_id")
        known = not institution_id or institution_id in self._world.seeds.institutions
        rows = self._world.seeds.categories.values() if known else ()
        return _paged([{"id": row.id, "parent": row.parent, "topic_name": row.name} for row in rows], ask)

    def _institutions(self, ask: Ask) -> Response:
        return _paged(_matching(self._world.seeds.institutions.values(), ask.query("q")), ask)

    def _locations(self, ask: Ask) -> Response:
        return _paged(_matching(self._world.seeds.locations.values(), ask.query("q")), ask)

    def _asked_for(self, ask: Ask) -> Complaint:
        self._need_reading()
        return self._world.get(ask.request.path_params["tracking_id"])

    def _need_reading(self) -> None:
        if Switch.NO_READING in self._site.switches:
            raise UnknownComplaintError


def error_answer(error: InvalidError) -> Response:
    """Return the 422 of the contract, with all field errors."""
    return answer_json({"message": "Data yang dikirim tidak valid.", "errors": error.errors}, 422)


def not_found() -> Response:
    return answer_message("Tidak ditemukan.", 404)


def _matching(rows: Iterable[Institution | Location], wanted: str) -> list[dict[str, str]]:
    found = (row for row in rows if wanted.casefold() in row.name.casefold())
    return [{"id": row.id, "name": row.name, "parent": row.parent} for row in found]


def _paged(rows: Sequence[object], ask: Ask) -> Response:
    page = _page_number(ask)
    last_page = max(1, -(-len(rows) // PAGE_SIZE))
    data = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return answer_json({"data": data, "meta": {"page": page, "last_page": last_page}}, 200)


def _page_number(ask: Ask) -> int:
    page = ask.query("page") or "1"
    if not (page.isascii() and page.isdigit() and int(page) > 0):
        raise InvalidError({"page": ["Kolom page harus bilangan mulai dari 1."]})
    return int(page)


def _instant(ask: Ask, name: str) -> datetime | None:
    value = ask.query(name)
    try:
        return parse_instant(value) if value else None
    except ValueError as error:
        # A "+" that was not percent-encoded arrives as a blank and ends here, as it should.
        raise InvalidError({name: [f"Kolom {name} harus waktu ISO 8601 dengan selisih UTC."]}) from error


def _json_fields(body: bytes, names: Sequence[str]) -> dict[str, str]:
    try:
        content = json.loads(body)
    except ValueError:
        content = None
    fields = content if isinstance(content, dict) else {}
    values = {name: value.strip() for name in names if isinstance(value := fields.get(name), str)}
    missing = [name for name in names if not values.get(name)]
    if missing:
        raise InvalidError({name: [f"Kolom {name} wajib diisi."] for name in missing})
    return values
