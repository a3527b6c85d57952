"""How does the mock answer the two calls of profile legacy? Errors in XML are ours: none are documented."""

from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from starlette.responses import Response

from gateway.lapor.mock.answers import answer_json
from gateway.lapor.mock.intake import Form
from gateway.lapor.mock.site import Ask, Call, Site

FLAGS = ("0", "1")
HEAD = "Judul: "


class ProfileLegacy:
    """The calls of lapor-contract.md, "Profile legacy"; the token stands in the body."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    def calls(self) -> list[Call]:
        return [
            Call("POST", "/api/stream/addstream", self._file, self._file_token),
            Call("POST", "/api/services/f01/gettopics", self._topics, self._topics_token),
        ]

    def _file(self, ask: Ask) -> Response:
        sent = _parse(ask.body)
        texts = {one.tag: (one.text or "").strip() for one in sent.iter()} if sent is not None else {}
        flags = sent.find("laporan") if sent is not None else None
        wrong = _mistakes(texts, dict(flags.attrib) if flags is not None else {})
        if wrong or flags is None:
            return _answer_xml(f"<lapor><error>{escape(' '.join(wrong))}</error></lapor>", 400)
        complaint = self._world.take(_form(texts, dict(flags.attrib), str(self._world.clock.today())), ask.delay)
        return _answer_xml(
            f"<lapor><trackingid>{complaint.tracking_id}</trackingid>"
            f"<transaksiid>{complaint.transaction_id}</transaksiid></lapor>",
            200,
        )

    def _topics(self, _: Ask) -> Response:
        rows = self._world.seeds.categories.values()
        return answer_json([{"id": row.id, "parent": row.parent, "topic_name": row.name} for row in rows], 200)

    def _file_token(self, ask: Ask) -> str:
        sent = _parse(ask.body)
        return sent.get("token", "") if sent is not None else ""

    def _topics_token(self, ask: Ask) -> str:
        return parse_qs(ask.body.decode("utf-8", "replace")).get("KEYTOKEN", [""])[0]


def _parse(body: bytes) -> ET.Element | None:
    try:
        root: ET.Element = fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root if root.tag == "lapor" else None


def _mistakes(texts: Mapping[str, str], flags: Mapping[str, str]) -> list[str]:
    wrong = [f"{name} wajib diisi." for name in ("namadepan", "namabelakang", "isi") if not texts.get(name)]
    wrong += [f"{name} harus 0 atau 1." for name in ("rahasia", "anonim") if flags.get(name) not in FLAGS]
    if not (texts.get("email") or texts.get("telpon")):
        wrong.append("email atau telpon wajib diisi.")
    return wrong


def _form(texts: Mapping[str, str], flags: Mapping[str, str], today: str) -> Form:
    """The complaint as the form would have it; its title is the labelled line, where there is one."""
    first = texts["isi"].partition("\n")[0]
    surname = "" if texts["namabelakang"] == "_" else texts["namabelakang"]
    return Form(
        {
            "classification_id": "1",
            "title": first.removeprefix(HEAD)[:255],
            "content": texts["isi"],
            "date_of_incident": today,
            "is_anonymous": flags["anonim"],
            "is_secret": flags["rahasia"],
            "reporter_name": f"{texts['namadepan']} {surname}".strip(),
            "reporter_email": texts.get("email", ""),
            "reporter_phone": texts.get("telpon", ""),
            "source": "API",
        },
        (),
    )


def _answer_xml(text: str, status: int) -> Response:
    return Response(f"<?xml version='1.0' encoding='UTF-8'?>{text}", status, media_type="text/xml")
