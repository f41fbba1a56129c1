"""What exit interviews name by ids, in words: reasons as people set them, competitors and features; in one query."""

from collections.abc import Collection

from sqlalchemy import false, literal, null, select, union_all
from sqlmodel import Session

from storage import exit_reasons
from storage.exit_interviews import Said
from storage.exit_names import held_by
from storage.exit_names import table as names
from storage.exit_reasons import Set


def words_of(session: Session, answers: Collection[Said]) -> tuple[dict[str, Set], dict[str, str]]:
    """The reasons in force by id, and the names by id of what these answers name."""
    told = select(names.c.id, names.c.name, literal(""), false(), null(), literal(0)).where(held_by(answers))
    reasons: list[tuple[int, Set]] = []
    found: dict[str, str] = {}
    for id_, label, avoidable, retired, nature, no in session.connection().execute(
        union_all(exit_reasons.latest(), told)
    ):
        if no:
            reasons.append((no, Set(id_, label, avoidable, bool(retired), nature)))
        else:
            found[id_] = label
    return {one.id: one for _, one in sorted(reasons, key=lambda pair: pair[0])}, found
