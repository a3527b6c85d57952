"""What can happen to a report, and what does each happening change?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.lapor.mock import texts
from gateway.lapor.mock.complaint import Complaint, FollowUp
from gateway.lapor.mock.seeds import Institution, Seeds
from gateway.lapor.mock.spelling import known_as

RECEIVED = "Belum Terverifikasi"
FORWARDED = "Terdisposisi ke "
DISPOSED = "Terdisposisi Belum Ditindaklanjuti"
PROCESSED = "Terdisposisi Sedang Diproses"
FOLLOWED_UP = "Ditindaklanjuti oleh Instansi"
REPLIED = "Ditanggapi oleh Pelapor"
DONE = "Terdisposisi Selesai"
RETURNED = "Dikembalikan: Bukan Wewenang"
BLOCKED = "Konten Terblokir"
HOLDS = ("Tertunda", "Menunggu Kelengkapan Informasi")
CLOSINGS = {name: f"Ditutup oleh {name.capitalize()}" for name in ("admin", "sistem", "pelapor")}
ARCHIVES = {name: f"Diarsipkan oleh {name.capitalize()}" for name in CLOSINGS} | {"": "Arsip"}
ENGLISH = {"system": "sistem", "reporter": "pelapor"}
REPORTER = "Pelapor"

Params = Mapping[str, str]


@dataclass(frozen=True)
class Scene:
    """Where and when something happens: the instant, the reference data, the parameters, a seed for free choices."""

    at: datetime
    seeds: Seeds
    params: Params
    seed: str

    def text(self, name: str, choices: tuple[str, ...]) -> str:
        return self.params.get(name) or texts.pick(choices, self.seed)

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.params.get(name, default)
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def institution(self, otherwise: str) -> Institution:
        wanted = self.params.get("institution_id", otherwise)
        if wanted not in self.seeds.institutions:
            raise ValueError(f"unknown institution_id {wanted!r}")
        return self.seeds.institutions[wanted]


Action = Callable[[Complaint, Scene], Complaint]


def act(complaint: Complaint, action: str, scene: Scene) -> Complaint:
    """Return the complaint after the action; an unknown action or parameter value is a ValueError."""
    return ACTIONS[known_as(action, ACTIONS)](complaint, scene)


def reply(complaint: Complaint, at: datetime, text: str, external_id: str) -> Complaint:
    """Return the complaint with the reporter's own reply, which also re-opens a closed one."""
    answer = FollowUp(date=at, responder=REPORTER, keterangan=text, external_id=external_id)
    return replace(_status(complaint, REPLIED), followups=(*complaint.followups, answer))


def _status(complaint: Complaint, status: str) -> Complaint:
    # A reason belongs to the hold or archive that gave it, so it goes with that status.
    return replace(complaint, status=status, hold_reason="")


def _held(complaint: Complaint, status: str, reason: str) -> Complaint:
    return replace(complaint, status=status, hold_reason=reason)


def _route(complaint: Complaint, scene: Scene, institution: Institution) -> Complaint:
    return replace(
        complaint,
        parent_institution=scene.seeds.root_of(institution.id).name,
        disposition_institution_id=institution.id,
        disposition_institution=institution.name,
    )


def _destination(complaint: Complaint, scene: Scene) -> Institution:
    near = [one.id for one in scene.seeds.serving(complaint.location_id)]
    known = complaint.disposition_institution_id or complaint.suggestion_institution_id
    return scene.institution(known or texts.pick(tuple(near), complaint.tracking_id))


def _verify(complaint: Complaint, scene: Scene) -> Complaint:
    institution = _destination(complaint, scene)
    return _status(_route(complaint, scene, institution), FORWARDED + institution.name)


def _dispose(complaint: Complaint, scene: Scene) -> Complaint:
    return _status(_route(complaint, scene, _destination(complaint, scene)), DISPOSED)


def _process(complaint: Complaint, _: Scene) -> Complaint:
    return _status(complaint, PROCESSED)


def _follow_up(complaint: Complaint, scene: Scene) -> Complaint:
    responder = scene.params.get("responder") or complaint.disposition_institution or "Admin SP4N-LAPOR!"
    answer = FollowUp(scene.at, responder, scene.text("text", texts.FOLLOW_UPS), external_id=None)
    return replace(_status(complaint, FOLLOWED_UP), followups=(*complaint.followups, answer))


def _edit(complaint: Complaint, scene: Scene) -> Complaint:
    return replace(
        complaint,
        title=scene.params.get("title", complaint.title),
        content_final=scene.params.get("content", complaint.content_final),
        classification=scene.params.get("classification", complaint.classification),
    )


def _reroute(complaint: Complaint, scene: Scene) -> Complaint:
    institution = scene.institution("")
    return _status(_route(complaint, scene, institution), FORWARDED + institution.name)


def _hold(complaint: Complaint, scene: Scene) -> Complaint:
    status = scene.one_of("status", HOLDS, HOLDS[0])
    return _held(complaint, status, scene.text("reason", texts.HOLD_REASONS))


def _archive(complaint: Complaint, scene: Scene) -> Complaint:
    return _held(complaint, ARCHIVES[_who(scene, tuple(ARCHIVES))], scene.text("reason", texts.ARCHIVE_REASONS))


def _who(scene: Scene, known: tuple[str, ...]) -> str:
    by = scene.one_of("by", (*known, *ENGLISH), "admin")
    return ENGLISH.get(by, by)


def _return(complaint: Complaint, scene: Scene) -> Complaint:
    return _held(complaint, RETURNED, scene.text("reason", (texts.RETURN_REASON,)))


def _block(complaint: Complaint, _: Scene) -> Complaint:
    return _status(complaint, BLOCKED)


def _reply(complaint: Complaint, scene: Scene) -> Complaint:
    text = scene.text("text", texts.REPLIES)
    return reply(complaint, scene.at, text, scene.params.get("external_id", ""))


def _close(complaint: Complaint, scene: Scene) -> Complaint:
    return _status(complaint, CLOSINGS[_who(scene, tuple(CLOSINGS))])


def _finish(complaint: Complaint, _: Scene) -> Complaint:
    return _status(complaint, DONE)


def _rate(complaint: Complaint, scene: Scene) -> Complaint:
    return replace(complaint, rating=int(scene.one_of("rating", tuple("12345"), "5")))


def _set_status(complaint: Complaint, scene: Scene) -> Complaint:
    # For strings that no action gives: what LAPOR says tomorrow is not in today's table.
    status = scene.params.get("status") or "Dalam Telaah Lintas Sektor"
    return _held(complaint, status, scene.params.get("reason", ""))


ACTIONS: Mapping[str, Action] = {
    "verify": _verify,
    "dispose": _dispose,
    "process": _process,
    "follow_up": _follow_up,
    "edit": _edit,
    "reroute": _reroute,
    "hold": _hold,
    "archive": _archive,
    "return": _return,
    "block": _block,
    "reply": _reply,
    "reopen": _process,
    "close": _close,
    "finish": _finish,
    "rate": _rate,
    "set_status": _set_status,
}
