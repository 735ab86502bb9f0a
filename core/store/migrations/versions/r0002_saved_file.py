"""Remember where `save host vm` put a VM's memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `vm_nodes.saved_file`; MariaDB may have kept it from an interrupted attempt."""
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("vm_nodes")}
    if "saved_file" not in columns:
        op.add_column("vm_nodes", sa.Column("saved_file", sa.String(512), nullable=True))
