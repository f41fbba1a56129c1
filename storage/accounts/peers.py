"""How an account stands among those of its segment, by what was last assessed of each."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Integer, bindparam, func, select
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
    own = session.connection().execute(OWN, {"account": account_id}).first()
    if own is None:
        return None
    asked = {"worth": own.worth or 0, "score": own.score, **({"segment": segment} if segment else {})}
    row = session.connection().execute(OF_SEGMENT if segment else OF_ALL, asked).one()
    return Peers(segment or "", *row, money=own.worth is not None)


# Made once: to make them takes longer than to run them.
OWN = select(risks.c.worth, risks.c.score).where(risks.c.account_id == bindparam("account"))
OF_ALL = select(
    func.count(),
    func.count().filter(risks.c.worth < bindparam("worth", type_=BigInteger)),
    func.count().filter(risks.c.score < bindparam("score", type_=Integer)),
).select_from(risks)
OF_SEGMENT = OF_ALL.join(accounts, accounts.c.id == risks.c.account_id).where(
    accounts.c.segment == bindparam("segment")
)
