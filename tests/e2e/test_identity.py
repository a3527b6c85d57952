"""Are two gateways, a renamed channel and another LAPOR told apart, so that nothing is mixed up or filed in silence?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import GATEWAY_ID, Installation, Mock, Row, complaint, fill_sqlite, lapor_mock, sql_channel

REPORTS = 50


@dataclass
class Office(Installation):
    """An installation of one office: a gateway id of its own over a source of its own."""

    id: str = GATEWAY_ID

    @property
    def config(self) -> dict[str, Any]:
        content = super().config
        return {**content, "gateway": {**content["gateway"], "id": self.id}}

    def values(self, column: str, where: str = "1 = 1") -> set[Any]:
        """What the state's reports have in a column."""
        return {row[column] for row in self.query(f"SELECT {column} FROM report WHERE {where}")} - {None}


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def office(folder: Path, lapor: str, rows: Sequence[Row], **changes: Any) -> Office:
    """An installation over a table of these rows, in a folder of its own."""
    folder.mkdir()
    fill_sqlite(folder / "sumber.db", rows)
    made = Office(folder, lapor, [sql_channel("sqlite:///sumber.db")], **changes)
    made.init()
    return made


def written(who: str) -> Sequence[Row]:
    """The ids 1 to 50, with that office's own words; every tenth is secret."""
    words = {"judul": f"Lampu {who} mati", "isi": f"Lampu jalan di {who} mati sejak seminggu yang lalu."}
    return [complaint(n, rahasia="ya" if n % 10 == 0 else "tidak", **words) for n in range(1, REPORTS + 1)]


def listed(who: str) -> Sequence[Row]:
    """Those that are not secret: LAPOR's lists show them."""
    return [row for row in written(who) if row[-1] == "tidak"]


def told_twice(gateway: Office) -> bool:
    """Whether a round of the gateway says that LAPOR has its reports twice."""
    (event,) = gateway.cli("sync").steps("track")
    return event["outcome"] == "partial" and "does a second gateway use the same id?" in event["message"]


# Two gateways


def test_two_gateways_with_the_same_channel_and_ids_never_meet(tmp_path: Path, mock: Mock) -> None:
    """Each has its 50 reports under its own external ids, and learns news of its own alone."""
    both = [office(tmp_path / name, mock.url, written(name), id=f"kota-{name}") for name in ("satu", "dua")]
    for one in both:
        assert one.cli("sync").status == 0
    filed = {one["external_id"]: one["tracking_id"] for one in mock.complaints()}
    assert len(filed) == len(mock.complaints()) == REPORTS * 2
    for one, other in (both, both[::-1]):
        assert one.stages() == {"accepted": REPORTS}
        assert one.values("tracking_id") == {filed[own] for own in one.values("external_id")}
        assert not one.values("tracking_id") & other.values("tracking_id")
    first = min(both[0].values("tracking_id"))
    mock.act(first, "verify")
    assert [one.cli("sync").status for one in both] == [0, 0]
    assert [one.values("tracking_id", "lapor_canonical <> 'received'") for one in both] == [{first}, set()]
    assert all("The audit is clean" in one.view("audit", "--remote") for one in both)


def test_a_copied_gateway_adopts_what_the_lists_show(tmp_path: Path, mock: Mock) -> None:
    """Same id, same source, a state of its own: it reads LAPOR's lists before it sends, sees its twin, and stops."""
    first, copy = (office(tmp_path / name, mock.url, listed("kita")) for name in ("asli", "salinan"))
    assert first.cli("sync").status == 0
    fill_sqlite(copy.folder / "sumber.db", [complaint(101)])
    stopped = copy.cli("sync")
    assert stopped.status == 1
    assert "does a second gateway use the same id?" in stopped.said
    assert copy.query("SELECT count(*) AS n FROM event WHERE kind = 'adopted'") == [{"n": len(listed("kita"))}]
    assert len(mock.counts()) == len(listed("kita")), "nothing is sent before a person has looked"
    copy.view("resume", "lapor")
    assert copy.cli("sync").status == 0
    fill_sqlite(first.folder / "sumber.db", [complaint(101)])
    assert first.cli("sync").status == 1
    first.view("resume", "lapor")
    assert first.cli("sync").status == 0
    assert copy.stages() == first.stages() == {"accepted": len(listed("kita")) + 1}
    assert set(mock.counts().values()) == {1}


@pytest.mark.soak
def test_what_a_copied_gateway_files_all_the_same_is_told_by_both(tmp_path: Path, mock: Mock) -> None:
    """Where it could not read the lists it files everything again; then each of the two says so, and `audit` too."""
    first, copy = (office(tmp_path / name, mock.url, listed("kita")[:10]) for name in ("asli", "salinan"))
    assert first.cli("sync").status == 0
    mock.fault("unavailable", method="GET")
    copy.cli("sync")
    mock.heal()
    assert sorted(mock.counts().values()) == [2] * 10
    for one in (first, copy):
        assert told_twice(one)
        assert "gateway lain mengirim dengan id yang sama" in " ".join(one.view("status").split())
    assert copy.cli("audit", "--remote").out.count("LAPOR has it 2 times") == 10


@pytest.mark.soak
def test_a_copied_gateway_files_no_secret_report_in_silence(tmp_path: Path, mock: Mock) -> None:
    """That the lists show reports of ours which this state never sent says that another state did: secret ones, too."""
    first, copy = (office(tmp_path / name, mock.url, written("kita")) for name in ("asli", "salinan"))
    assert first.cli("sync").status == 0
    said = copy.cli("sync").steps("track") + copy.cli("sync").steps("track")
    told = any(event["outcome"] != "ok" for event in said)
    assert told or max(mock.counts().values()) == 1, "secret reports were filed twice, and nobody was told"


# A channel and a LAPOR under another name


def test_a_renamed_channel_files_nothing_again(tmp_path: Path, mock: Mock) -> None:
    """It keeps its id, so its records keep their external ids; what is new is filed, and people see the new name."""
    gateway = office(tmp_path / "satu", mock.url, written("kita"))
    assert gateway.cli("sync").status == 0
    before = gateway.values("external_id")
    gateway.channels[0]["name"] = "daring"
    gateway.write()
    fill_sqlite(gateway.folder / "sumber.db", [complaint(101)])
    ended = gateway.cli("sync")
    assert (ended.status, ended.steps("collect", "daring")[0]["counts"]["new"]) == (0, 1)
    assert before < gateway.values("external_id")
    assert sorted(mock.counts().values()) == [1] * (REPORTS + 1)
    assert gateway.query("SELECT id, name FROM channel") == [{"id": "formulir", "name": "daring"}]
    assert "daring" in gateway.view("status")
    assert "formulir" not in gateway.view("status")


@pytest.mark.soak
def test_a_channel_that_reads_another_place_shows_what_to_do(tmp_path: Path, mock: Mock) -> None:
    """Equal ids of another table are neither taken for known records nor filed before somebody says `accept`."""
    gateway = office(tmp_path / "satu", mock.url, written("kita"))
    assert gateway.cli("sync").status == 0
    fill_sqlite(gateway.folder / "lain.db", written("mereka"))
    gateway.channels[0]["options"]["url"] = "sqlite:///lain.db"
    gateway.write()
    ended = gateway.cli("sync")
    assert (ended.status, "Traceback" in ended.said) == (1, False)
    assert "`lapor-gateway accept formulir`" in ended.steps("collect")[0]["message"]
    assert len(mock.counts()) == REPORTS


def half_filed(folder: Path, mock: Mock) -> Office:
    """Ten accepted, four in doubt, three queued: and then the configuration names another LAPOR."""
    gateway = office(folder, mock.url, [complaint(n) for n in range(1, 11)], lapor_settings={"in_doubt_wait": "0.2s"})
    assert gateway.cli("sync").status == 0
    fill_sqlite(gateway.folder / "sumber.db", [complaint(n) for n in range(11, 18)])
    mock.fault("drop_after", method="POST", next=4)
    mock.fault("unavailable", method="POST")
    gateway.cli("sync")
    assert gateway.stages() == {"accepted": 10, "in_doubt": 4, "queued": 3}
    mock.heal()
    return gateway


@pytest.mark.soak
def test_another_base_url_files_nothing_again(tmp_path: Path, mock: Mock) -> None:
    """Nothing is sent before a person says that it is another LAPOR; then only what was never filed goes there."""
    gateway, old = half_filed(tmp_path / "satu", mock), f"v3 {mock.url}"
    with lapor_mock() as other:
        gateway.lapor = other.url
        gateway.write()
        refused = gateway.cli("sync")
        assert (refused.status, refused.said.count("\n"), other.counts()) == (4, 1, {})
        assert f"`lapor-gateway accept lapor --moved-from '{old}'`" in refused.err
        gateway.view("accept", "lapor")
        ended = gateway.cli("sync", "--until-settled")
        assert (ended.status, len(mock.counts()), len(other.counts())) == (0, 14, 3)
        assert not mock.counts().keys() & other.counts().keys()
    assert any("it was sent to another LAPOR" in event.get("message", "") for event in ended.steps("submit"))
    assert gateway.stages() == {"accepted": 13, "in_doubt": 4}
    assert len(gateway.values("id", f"stage = 'accepted' AND target = '{old}'")) == 10
    assert len(gateway.values("id", f"stage = 'in_doubt' AND next_attempt_at IS NULL AND target = '{old}'")) == 4
    assert gateway.view("held").count("belum pasti") == 4
