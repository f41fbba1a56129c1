"""Which alert a message is the card of, so that its cards are found without reading all that was ever written."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# As `storage.alert_cards.card_key` makes them: "alert:", the alert's cause, a colon and the channel.
FILL = """
    update outbox set alert_id = (
        select alerts.id from alerts
        where alerts.cause_key = substr(outbox.key, 7, length(outbox.key) - 7 - length(outbox.channel_id))
    )
    where alert_id is null and reply_to is null and substr(outbox.key, 1, 6) = 'alert:'
"""


def upgrade() -> None:
    op.add_column("outbox", sa.Column("alert_id", sa.String(), nullable=True))
    op.execute(FILL)
    op.create_index("ix_outbox_alert_id", "outbox", ["alert_id"])
