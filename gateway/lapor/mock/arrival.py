"""What complaint does an accepted form become?"""

import random
import uuid
from datetime import datetime

from gateway.lapor.mock.complaint import Complaint, Reporter
from gateway.lapor.mock.intake import CLASSIFICATIONS, Form
from gateway.lapor.mock.life import RECEIVED
from gateway.lapor.mock.seeds import Seeds

# Real LAPOR is far beyond this range, so a mix-up of targets shows (lapor-contract.md, the mock server).
FIRST_ID = 1_000_001
ID_STEP = 5


def new_complaint(form: Form, seeds: Seeds, number: int, seed: int, at: datetime) -> Complaint:
    """Build the complaint of a checked form; `number` is its tracking id, `seed` makes its transaction id repeat."""
    institution_id = form.get("suggestion_institution_id")
    category = seeds.categories.get(form.get("category_id"))
    return Complaint(
        tracking_id=str(number),
        transaction_id=str(uuid.UUID(int=random.Random(f"{seed}:{number}").getrandbits(128), version=4)),
        external_id=form.get("external_id"),
        received_at=at,
        updated_at=at,
        classification=CLASSIFICATIONS[form.get("classification_id")],
        category_id=category.id if category else "",
        category=category.name if category else "",
        title=form.fields["title"],
        content_initial=form.fields["content"],
        content_final=form.fields["content"],
        is_anonymous=form.get("is_anonymous") == "1",
        is_secret=form.get("is_secret") == "1",
        source=form.get("source"),
        parent_institution=seeds.root_of(institution_id).name if institution_id else "",
        disposition_institution_id="",
        disposition_institution="",
        status=RECEIVED,
        hold_reason="",
        **seeds.region(form.get("location_id")),
        rating=None,
        date_of_incident=form.get("date_of_incident"),
        location_id=form.get("location_id"),
        suggestion_institution_id=institution_id,
        latitude=form.get("latitude"),
        longitude=form.get("longitude"),
        reporter=_reporter(form),
        attachments=tuple(form.attachments),
        followups=(),
    )


def _reporter(form: Form) -> Reporter:
    return Reporter(
        name=form.get("reporter_name"),
        email=form.get("reporter_email"),
        phone=form.get("reporter_phone"),
        nik=form.get("reporter_nik"),
    )
