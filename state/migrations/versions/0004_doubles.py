"""Keep what tells reporters apart, and to which twin a double was joined."""

import sqlalchemy as sa
from alembic import op

from state.doubles import marks_of

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REPORT = sa.table(
    "report", sa.column("id", sa.Integer), sa.column("mapped", sa.JSON), sa.column("amendments", sa.JSON)
)
_MARK = sa.table("reporter_mark", sa.column("mark", sa.String), sa.column("report_id", sa.Integer))
_AT_ONCE = 2_000


def upgrade() -> None:
    op.create_table(
        "reporter_mark",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"]),
        sa.PrimaryKeyConstraint("mark", "report_id"),
    )
    op.create_index("ix_reporter_mark_report_id", "reporter_mark", ["report_id"])
    op.add_column("report", sa.Column("joined_to", sa.Integer(), nullable=True))
    op.create_index("ix_report_joined_to", "report", ["joined_to"])
    _mark_known_reports()


def _mark_known_reports() -> None:
    connection, last = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(_REPORT).where(_REPORT.c.id > last).order_by(_REPORT.c.id).limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        found = [
            {"mark": mark, "report_id": row.id}
            for row in rows
            for mark in marks_of({**row.mapped, **row.amendments}, {})
        ]
        if found:
            connection.execute(sa.insert(_MARK), found)
