"""How does Alembic reach the state? Through the connection that `state.database` hands it."""

from alembic import context

from state import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.REPORT.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
