"""How an account stands among those of its segment, by what was last assessed of each."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session

from storage.tables import AccountRow, RiskRow
from storage.upsert import table_of

accounts, risks = table_of(AccountRow), table_of(RiskRow)


@dataclass(frozen=True, slots=True)
class Peers:
    """`count` accounts of a segment that run or pay, this one among them; so many have less MRR, so many less risk.

    `segment` is empty for all accounts, where this one has none. `money` is False for one without an exchange rate.
    """

    segment: str
    count: int
    poorer: int
    safer: int
    money: bool


def of_account(session: Session, account_id: str, segment: str | None) -> Peers | None:
    """None for an account that nothing was assessed of."""
    own = (
        session.connection()
        .execute(
            select(risks.c.worth, risks.c.score).where(
                risks.c.account_id == account_id, risks.c.assessed_at.is_not(None)
            )
        )
        .first()
    )
    if own is None:
        return None
    same = accounts.c.segment == segment if segment else accounts.c.id.is_not(None)
    poorer = func.count().filter(risks.c.worth < (own.worth or 0))
    safer = func.count().filter(risks.c.score < own.score)
    row = (
        session.connection()
        .execute(
            select(func.count(), poorer, safer)
            .select_from(risks.join(accounts, accounts.c.id == risks.c.account_id))
            .where(risks.c.assessed_at.is_not(None), same)
        )
        .one()
    )
    return Peers(segment or "", *row, money=own.worth is not None)
