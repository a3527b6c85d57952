"""Are real mails read as others read them, and are the own words of a reply found?"""

from __future__ import annotations

from pathlib import Path

from tests.corpus.mail_agreement import kinds, mails, replies, stalwart

WANTED = 0.92
WANTED_WHOLE = 0.90
WANTED_REPLIES = 0.80


def test_subject_sender_and_text_agree_with_another_parser(corpora: Path) -> None:
    *fields, mails_as_a_whole = stalwart(corpora)
    assert [line.of for line in fields] == [107, 107, 107]
    assert all(line.share >= WANTED for line in fields), [(line.what, line.not_agreeing) for line in fields]
    assert mails_as_a_whole.share >= WANTED_WHOLE


def test_the_own_words_of_replies_are_found(corpora: Path) -> None:
    line = replies(corpora)
    assert line.of >= 40
    assert line.share >= WANTED_REPLIES, line.not_agreeing


def test_every_mail_is_told_to_be_a_persons_or_a_machines(corpora: Path) -> None:
    found = kinds(corpora)
    assert sum(found.values()) == len(list(mails(corpora))) >= 290
    assert found["report"] > 200
