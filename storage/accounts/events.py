"""What happened to one account, each kind newest first and no more of it than is asked for."""

from collections.abc import Collection, Sequence

from sqlalchemy import Integer, bindparam, select
from sqlmodel import Session

from storage import facts as f
from storage.inputs import Signal
from storage.signals import NAMES as SIGNAL
from storage.signals import signals
from storage.tables import PaymentRow
from storage.upsert import table_of

_payment = table_of(PaymentRow)
PAYMENT = f.columns_of(f.Payment)


PAYMENTS = (  # made once: to make it takes longer than to run it
    select(*(_payment.c[name] for name in PAYMENT))
    .where(_payment.c.account_id == bindparam("account"))
    .order_by(_payment.c.at.desc(), _payment.c.id)
    .limit(bindparam("most", type_=Integer))
)


def payments(session: Session, account_id: str, most: int) -> Sequence[f.Payment]:
    """Charges of every outcome."""
    rows = session.connection().execute(PAYMENTS, {"account": account_id, "most": most})
    return [f.Payment(**dict(zip(PAYMENT, row, strict=True))) for row in rows]


def observations(session: Session, account_id: str, names: Collection[str], most: int) -> Sequence[Signal]:
    """Signals of these names."""
    wanted = select(*(signals.c[name] for name in SIGNAL)).where(
        signals.c.account_id == account_id, signals.c.name.in_(names)
    )
    order = (signals.c.at.desc(), signals.c.name, signals.c.respondent)
    return [Signal(*row) for row in session.connection().execute(wanted.order_by(*order).limit(most))]
