"""Does the log hold only what someone has thought about?"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from gateway import log
from gateway.settings import LogSettings


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.disable(logging.NOTSET)


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_fields_outside_the_list_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogSettings(format="json"))
    log.logger().info("collect", channel="web", counts={"new": 1}, nama="Budi", content="Jalan rusak", exc_info=True)
    [line] = written(capsys)
    assert set(line) == {"timestamp", "level", "event", "channel", "counts"}
    assert (line["event"], line["channel"], line["level"]) == ("collect", "web", "info")


def test_libraries_do_not_log_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogSettings(format="json"))
    logging.getLogger("httpx").critical("POST https://lapor.test body=Budi")
    assert capsys.readouterr().err == ""


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogSettings(format="json", level="warning"))
    log.logger().info("collect")
    log.logger().warning("submit")
    assert [line["event"] for line in written(capsys)] == ["submit"]


def test_the_text_for_eyes_has_only_the_listed_fields_too(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogSettings(format="console"))
    log.logger().warning("collect", channel="web", outcome="failed", counts={"new": 2}, message="down", nama="Budi")
    text = capsys.readouterr().err
    assert all(word in text for word in ("collect", "web", "new=2", "down", "failed"))
    assert "Budi" not in text


def test_umlauts_and_javanese_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogSettings(format="json"))
    log.logger().info("collect", message="é ꦲ")
    assert "é ꦲ" in capsys.readouterr().err
