"""What becomes of an item: its fields, key and version, its detail and its files, and where does the token go?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import ChannelContext, Misconfigured, SourceRecord, Unreachable
from connectors.http import Portal as Connector
from connectors.http_fields import fields_of, key_of, version_of
from connectors.http_json import MISSING, at, parsed
from connectors.http_options import HttpOptions
from connectors.web import Fetched
from tests.servers.portal import LIST, Answer, Portal, json_answer, portal_server
from tests.unit.test_http_lists import ZONE, fill, opened, records

URL = "https://portal.example.org/api"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def options(**values: Any) -> HttpOptions:
    return HttpOptions.model_validate({"url": URL, "key": ["id"], **values})


def read(content: bytes, kind: str = "application/json") -> Any:
    return parsed(Fetched(200, {"content-type": kind}, content), URL)


def test_everything_in_an_item_becomes_a_field_under_its_path() -> None:
    item = {
        "id": 7,
        "pelapor": {"nama": "Warga", "kontak": {"hp": "0812"}},
        "tag": ["jalan", None, "lampu"],
        "lampiran": [{"url": "a.jpg"}, {"url": "b.jpg", "ket": "depan"}],
        "kosong": None,
        "anonim": False,
        "lat": -0.5,
        "daftar": [],
    }
    assert fields_of(item, options()) == {
        "id": 7,
        "pelapor_nama": "Warga",
        "pelapor_kontak_hp": "0812",
        "tag": "jalan, lampu",
        "lampiran_url": "a.jpg, b.jpg",
        "lampiran_ket": "depan",
        "kosong": None,
        "anonim": False,
        "lat": -0.5,
        "daftar": "",
    }


def test_fields_may_be_chosen_by_path() -> None:
    item = {"a": {"b": [{"c": 1}, {"c": 2}]}, "x.y": "ya", "isi": "teks"}
    chosen = options(fields={"nilai": "a.b.c", "kedua": "a.b.1.c", "titik": "x.y", "tiada": "a.q"})
    assert fields_of(item, chosen) == {"nilai": "1, 2", "kedua": 2, "titik": "ya"}


def test_an_inner_name_never_hides_an_outer_one() -> None:
    for item in ({"a_b": 1, "a": {"b": 2}}, {"a": {"b": 2}, "a_b": 1}):
        assert fields_of(item, options()) == {"a_b": 1, "a.b": 2}


def test_times_without_an_offset_get_the_zone_and_others_stay() -> None:
    item = {"a": "2026-11-02 08:00:00", "b": "2026-11-02T01:00:00Z", "c": "0000-00-00 00:00:00", "d": "2026-11-02"}
    assert fields_of(item, options()) == item
    zoned = fields_of(item, options(timezone="Asia/Jayapura"))
    assert zoned == {**item, "a": "2026-11-02T08:00:00+09:00"}


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"id": 17}, "17"),
        ({"id": "17"}, "17"),
        ({"id": 17.0}, "17"),
        ({"id": 0}, "0"),
        ({"id": ""}, None),
        ({"id": None}, None),
        ({}, None),
        ({"id": []}, None),
        ({"id": "a/b"}, "a%2Fb"),
    ],
)
def test_keys(item: Mapping[str, Any], key: str | None) -> None:
    assert key_of(item, options()) == key


def test_what_is_no_number_is_nothing() -> None:
    assert read(b'[{"lat": NaN, "lon": -Infinity, "isi": "Lampu"}]') == [{"lat": None, "lon": None, "isi": "Lampu"}]


def test_large_numbers_stay_exact() -> None:
    item = read(b'{"nik": 6472011505900001, "no": 12345678901234567890123, "x": 1e400, "y": 1.0}')
    assert fields_of(item, options()) == {
        "nik": 6472011505900001,
        "no": "12345678901234567890123",
        "x": "inf",
        "y": 1.0,
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"a": "é–"}'.encode("utf-8-sig"), "application/json"),
        ('{"a": "é–"}'.encode("utf-16"), "application/json"),
        ('{"a": "é–"}'.encode("cp1252"), "application/json; charset=windows-1252"),
        ('{"a": "é–"}'.encode(), "application/json; charset=iso-8859-1"),
        ('{"a": "é–"}'.encode(), "text/plain; charset=nonsense"),
    ],
)
def test_text_is_read_in_the_charset_that_it_has(content: bytes, kind: str) -> None:
    assert read(content, kind) == {"a": "é–"}


def test_an_edit_changes_the_version_and_a_new_order_or_signature_does_not() -> None:
    chosen = options(attachments=["foto.url"])
    item = {"id": 1, "isi": "a", "foto": {"url": "/f/a.jpg?sig=1"}}
    same = {"foto": {"url": "/f/a.jpg?sig=2"}, "isi": "a", "id": 1}
    assert version_of(item, chosen) == version_of(same, chosen)
    for other in ({**item, "isi": "b"}, {**item, "baru": 1}, {**item, "foto": {"url": "/f/b.jpg?sig=1"}}):
        assert version_of(other, chosen) != version_of(item, chosen)
    stamped = options(updated="diubah")
    assert version_of({"id": 1, "diubah": 5, "isi": "a"}, stamped) == "5"
    assert version_of({"id": 1, "diubah": None, "isi": "a"}, stamped) != version_of({"id": 1, "diubah": None}, stamped)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=5))
def test_any_item_becomes_what_the_state_can_keep(item: dict[str, Any]) -> None:
    item = read(json.dumps(item).encode())
    fields = fields_of(item, options())
    assert json.loads(json.dumps(fields, allow_nan=False)) == fields
    assert all(isinstance(value, str | int | float | bool | None) for value in fields.values())
    assert "\0" not in "".join(str(value) for value in fields.values())
    json.dumps(fields, ensure_ascii=False).encode()
    assert version_of(item, options()) == version_of(dict(reversed(list(item.items()))), options())
    key = key_of(item, options())
    assert key is None or key


@given(JSON, st.text("ab.0", max_size=6))
def test_any_path_leads_somewhere_or_nowhere(value: Any, path: str) -> None:
    found = at(value, path)
    assert found is MISSING or json.dumps(found) is not None


# Detail


def only(connector: Connector) -> SourceRecord:
    (record,) = records(connector, connector.list(None))
    return record


def test_an_item_is_completed_by_its_own_address(portal: Portal, tmp_path: Path) -> None:
    portal.items = {1: {"id": 1, "isi": "Lampu padam", "judul": "Lengkap"}}
    portal.instead = lambda asked: (
        json_answer({"data": {"items": [{"id": 1, "judul": "Lamp…"}]}}) if asked.path == LIST else None
    )
    with opened(portal, tmp_path, detail=f"{portal.url}/{{key}}", detail_item="data") as connector:
        listing = connector.list(None)
        assert [asked.path for asked in portal.asked] == [LIST]
        (record,) = records(connector, listing)
        assert dict(record.fields) == {"id": 1, "isi": "Lampu padam", "judul": "Lengkap"}
        assert record.version == listing.entries[0].version
        assert all(finding.ok for finding in connector.check())


def test_a_key_cannot_lead_the_detail_elsewhere(portal: Portal, tmp_path: Path) -> None:
    items = [{"id": "../../admin?x=1#y"}, {"id": ".."}]
    portal.instead = lambda asked: json_answer({"data": {"items": items} if asked.path == LIST else {}})
    with opened(portal, tmp_path, detail=f"{portal.url}/{{key}}", detail_item="data") as connector:
        assert len(records(connector, connector.list(None))) == 1
    paths = [asked.path for asked in portal.asked]
    assert paths == [LIST, f"{LIST}/..%2F..%2Fadmin%3Fx%3D1%23y"]


def test_one_bad_detail_stops_nobody_and_a_gone_one_is_left_out(portal: Portal, tmp_path: Path) -> None:
    fill(portal, 1, 2, 3)
    bad = {f"{LIST}/1": Answer(500), f"{LIST}/2": Answer(404)}
    portal.instead = lambda asked: bad.get(asked.path)
    with opened(portal, tmp_path, detail=f"{portal.url}/{{key}}", detail_item="data") as connector:
        assert [record.key for record in records(connector, connector.list(None))] == ["3"]
        del portal.items[3]
        with pytest.raises(Unreachable, match="500"):
            records(connector, connector.list(None))
        bad[f"{LIST}/1"] = Answer(503)
        with pytest.raises(Unreachable, match="503"):
            records(connector, connector.list(None))


# Files


def test_files_are_fetched_with_the_token_from_the_portal_alone(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    portal.token = "s3cret"
    portal.files = {"/f/foto%201.jpg": ("image/jpeg", b"jpeg"), "/f/b.pdf": ("application/pdf", b"pdf")}
    with portal_server() as other:
        other.instead = lambda asked: Answer(200, b"lain", {"Content-Type": "image/png"})
        links = ["/f/foto%201.jpg", f"{portal.root}/f/b.pdf", "/f/b.pdf", f"{other.root}/c.png", None, ""]
        portal.items = {1: {"id": 1, "foto": [{"url": link} for link in links]}}
        given = {"attachments": ["foto.url"], "token": f"file:{tmp_path / 'token'}"}
        with opened(portal, tmp_path, **given) as connector:
            record = only(connector)
        assert other.asked == []
        assert record.doubts == ("file_not_fetched",)
        assert record.fields["left_in_source"] == "c.png (alamatnya di luar tempat yang diizinkan)"
        with opened(portal, tmp_path, **given, attachment_hosts=["127.0.0.1"]) as connector:
            whole = only(connector)
        assert "authorization" not in other.asked[0].headers
    assert [(file.name, file.media_type, file.path.read_bytes()) for file in whole.attachments] == [
        ("foto 1.jpg", "image/jpeg", b"jpeg"),
        ("b.pdf", "application/pdf", b"pdf"),
        ("c.png", "image/png", b"lain"),
    ]
    assert (whole.doubts, record.version) == ((), whole.version)


@pytest.mark.parametrize(
    "link",
    [
        "../rahasia.jpg",
        "a/../../rahasia.jpg",
        "%2e%2e/rahasia.jpg",
        "..%5Crahasia.jpg",
        "%252e%252e/x.jpg",
        "/admin/x.jpg",
        "//lain.example.org/x.jpg",
        "http://10.0.0.1/x.jpg",
        "file:///etc/passwd",
        "https://u:p@127.0.0.1/x.jpg",
        "http://[",
    ],
)
def test_a_file_name_cannot_lead_out_of_its_folder(portal: Portal, tmp_path: Path, link: str) -> None:
    portal.items = {1: {"id": 1, "foto": link}}
    with opened(portal, tmp_path, attachments=["foto"], attachment_base=f"{portal.root}/unggah") as connector:
        record = only(connector)
    assert {asked.path for asked in portal.asked} == {LIST}
    assert (record.doubts, record.attachments) == (("file_not_fetched",), [])


def test_a_file_that_cannot_be_had_is_named_and_stops_nobody(portal: Portal, tmp_path: Path) -> None:
    fill(portal, 2)
    portal.items[1] = {"id": 1, "foto": ["hilang.jpg", "besar.jpg", "masuk.jpg", "rusak.jpg", "ada.jpg"]}
    base = "/unggah"
    portal.files = {
        f"{base}/besar.jpg": ("image/jpeg", b"x" * 2_000),
        f"{base}/masuk.jpg": ("text/html; charset=utf-8", b"<form>"),
        f"{base}/ada.jpg": ("image/jpeg", b"x"),
    }
    portal.instead = lambda asked: Answer(500) if asked.path.endswith("rusak.jpg") else None
    given = {"attachments": ["foto"], "attachment_base": portal.root + base, "max_file_bytes": 1_000}
    with opened(portal, tmp_path, **given) as connector:
        found = {record.key: record for record in records(connector, connector.list(None))}
        told = [finding.text for finding in connector.check()]
    assert "a file of the list cannot be had: it cannot be fetched" in told
    assert [file.name for file in found["1"].attachments] == ["ada.jpg"]
    left = str(found["1"].fields["left_in_source"]).splitlines()
    assert [line.partition(" ")[0] for line in left] == ["hilang.jpg", "besar.jpg", "masuk.jpg", "rusak.jpg"]
    assert (found["2"].doubts, "left_in_source" in found["2"].fields) == ((), False)


def test_a_portal_that_goes_away_among_files_ends_the_round(portal: Portal, tmp_path: Path) -> None:
    portal.items = {1: {"id": 1, "foto": "/a.jpg"}}
    portal.instead = lambda asked: Answer(503) if asked.path == "/a.jpg" else None
    with opened(portal, tmp_path, attachments=["foto"]) as connector, pytest.raises(Unreachable, match="503"):
        only(connector)


# The token and the options


def test_the_token_may_be_a_parameter_and_is_never_shown(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    fill(portal, 1)
    given = {"token": f"file:{tmp_path / 'token'}", "token_parameter": "kunci"}
    with opened(portal, tmp_path, **given) as connector:
        connector.list(None)
        assert portal.asked[-1].params == {"kunci": "s3cret"}
        portal.instead = lambda asked: json_answer({}, 401)
        with pytest.raises(Misconfigured) as caught:
            connector.list(None)
    assert "s3cret" not in str(caught.value)


def test_a_token_that_no_header_can_hold_is_told_without_it(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret–é")
    token = {"token": f"file:{tmp_path / 'token'}"}
    with (
        opened(portal, tmp_path, **token) as connector,
        pytest.raises(Misconfigured, match="'Authorization'") as caught,
    ):
        connector.list(None)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "http://portal.example.org/"}, "clear text"),
        ({"url": "https://u:p@portal.example.org/"}, "password stands in the URL"),
        ({"url": f"{URL}?api_key=x"}, "api_key stands in the URL"),
        ({"key": []}, "either `key`"),
        ({"identity": ["isi"]}, "either `key`"),
        ({"headers": {"Authorization": "Bearer x"}}, "give it as `token`"),
        ({"paging": "cursor"}, "`next`"),
        ({"next": "meta.next"}, "`next`"),
        ({"page_size": 10}, "give `paging`"),
        ({"detail": URL}, r"one \{key\}"),
        ({"detail": "https://{key}.example.org/"}, r"one \{key\}"),
        ({"detail": "https://lain.example.org/{key}"}, "another host"),
        ({"detail": f"{URL}/{{key}}", "key": ["a", "b"]}, "one path"),
        ({"rate": 0}, "greater than 0"),
        ({"token": "s3cret"}, "env:NAME"),
        ({"halaman": 1}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as caught:
        options(**changes)
    assert "s3cret" not in str(caught.value)


def test_the_source_names_the_place_and_the_key(tmp_path: Path) -> None:
    assert options().source() == f"{URL} key=id"
    assert options(key=[], identity=["a", "b"]).source() == f"{URL} identity=a,b"
    spool = ChannelContext("kanal", ZONE, tmp_path)
    connector = Connector(options(key=[], identity=["a"]), spool)
    assert connector.keyed_by_content
    connector.close()
