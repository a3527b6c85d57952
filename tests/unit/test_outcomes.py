"""Does every end of a request have exactly one meaning, as the table in `outcomes` says?"""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.lapor import outcomes
from gateway.lapor.errors import LaporError, OutcomeUnknown, Refused, Rejected, Unavailable

NOW = datetime(2026, 11, 23, tzinfo=UTC)
STATUSES = st.integers(200, 599)


@given(status=STATUSES)
def test_no_status_goes_unexplained_and_only_a_good_one_is_no_error(status: int) -> None:
    filing = outcomes.filing_error(httpx.Response(status), "LAPOR", NOW, outcomes.field_errors)
    reading = outcomes.reading_error(httpx.Response(status), "LAPOR", NOW)
    assert (filing is None) == (status in {200, 201})
    assert (reading is None) == (status == 200)


@given(status=STATUSES)
def test_a_reading_never_leaves_the_outcome_unknown_and_never_rejects(status: int) -> None:
    error = outcomes.reading_error(httpx.Response(status), "LAPOR", NOW)
    assert not isinstance(error, OutcomeUnknown | Rejected)


@given(status=st.integers(500, 599).filter(lambda status: status != 503))
def test_a_failing_server_may_have_filed(status: int) -> None:
    assert isinstance(
        outcomes.filing_error(httpx.Response(status), "LAPOR", NOW, outcomes.field_errors), OutcomeUnknown
    )


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (404, "wrong_address"), (301, "redirected")])
def test_a_refusal_says_what_to_check(status: int, code: str) -> None:
    error = outcomes.filing_error(httpx.Response(status), "LAPOR", NOW, outcomes.field_errors)
    assert isinstance(error, Refused)
    assert error.code == code
    assert "[lapor]" in str(error)


def test_the_table_in_the_docstring_says_what_the_code_does() -> None:
    meanings: dict[str, type[LaporError]] = {
        "Unavailable": Unavailable,
        "Unknown": OutcomeUnknown,
        "Refused": Refused,
        "Rejected": Rejected,
    }
    rows = re.findall(r"^\| (.*?) *\| (\w+) *\| (\w+) *\|$", outcomes.__doc__ or "", re.MULTILINE)
    checked = 0
    for words, filing, reading in rows:
        for status in map(int, re.findall(r"\b[1-5]\d\d\b", words.replace("301–308", "301 302 303 304 307 308"))):
            if status in {200, 201}:
                continue
            if filing in meanings:
                assert (
                    type(outcomes.filing_error(httpx.Response(status), "x", NOW, outcomes.field_errors))
                    is meanings[filing]
                ), status
                checked += 1
            if reading in meanings:
                assert type(outcomes.reading_error(httpx.Response(status), "x", NOW)) is meanings[reading], status
    assert checked > 20


@given(header=st.text(alphabet=st.characters(max_codepoint=255), max_size=50))
def test_no_retry_after_raises_or_waits_longer_than_an_hour(header: str) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", header.encode("latin-1"))])
    wish = outcomes.retry_after(response, NOW)
    assert wish is None or timedelta(0) <= wish <= outcomes.LONGEST_WAIT
