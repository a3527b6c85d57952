"""Are connectors found by their kind?"""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints

import pytest

from connectors import registry
from connectors.contract import Options
from connectors.spreadsheet import Spreadsheet


@pytest.mark.parametrize("kind", list(registry.OURS))
def test_our_kinds_are_classes_with_options(kind: str) -> None:
    factory = registry.load(kind)
    assert issubclass(factory.Options, Options)
    assert kind in registry.kinds()


def test_an_unknown_kind_is_told_with_those_that_are_known() -> None:
    with pytest.raises(registry.UnknownConnector, match=r'imap, .*sql; did you mean "spreadsheet"'):
        registry.load("spreadshet")


def test_a_third_partys_kind_comes_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("telegram", "connectors.spreadsheet:Spreadsheet", registry.GROUP)

    def points(group: str) -> EntryPoints:
        return EntryPoints([point]).select(group=group)

    # Installing a package only for this would be slower and prove the same.
    monkeypatch.setattr(registry, "entry_points", points)
    assert registry.load("telegram") is Spreadsheet
    assert "telegram" in registry.kinds()


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        (["connectors.spreadsheet:Sheets"], "offers connectors.spreadsheet:Sheets, which is not in it"),
        (["connectors.identity:digest"], "offers connectors.identity:digest, whose Options are none of"),
        (["connectors.sql:Database", "connectors.imap:Mailbox"], "several packages offer it, uninstall all but one"),
    ],
)
def test_a_package_that_offers_no_connector_is_told(
    monkeypatch: pytest.MonkeyPatch, offered: list[str], told: str
) -> None:
    points = EntryPoints([EntryPoint("telegram", value, registry.GROUP) for value in offered])
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    with pytest.raises(registry.UnknownConnector, match=told):
        registry.load("telegram")
