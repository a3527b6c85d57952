"""Keep what LAPOR gets of a file beside the file itself."""

from pathlib import PurePath

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RECORD = sa.table("record", sa.column("id", sa.Integer), sa.column("attachments", sa.JSON))
_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
_LARGEST = 2 * 1024 * 1024


def upgrade() -> None:
    connection = op.get_bind()
    for number, attachments in connection.execute(sa.select(_RECORD.c.id, _RECORD.c.attachments)).all():
        if attachments and any("sent" not in item for item in attachments):
            rows = [item if "sent" in item else {**item, "sent": _sent(item), "why": ""} for item in attachments]
            connection.execute(sa.update(_RECORD).where(_RECORD.c.id == number).values(attachments=rows))


def _sent(item: dict[str, object]) -> dict[str, object] | None:
    """Until now a file was sent as it was, where its name and size fitted."""
    media_type = _TYPES.get(PurePath(str(item["name"])).suffix.lower())
    size = item["size"]
    fits = media_type is not None and isinstance(size, int) and 0 < size <= _LARGEST
    return {**item, "media_type": media_type} if fits else None
