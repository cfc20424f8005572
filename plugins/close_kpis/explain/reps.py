"""Reps by what people call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from close_kpis.explain.errors import QuestionError
from close_kpis.lake.sql import statement
from close_kpis.settings.errors import choices

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNASSIGNED = "Unassigned"


def find_rep(con: DuckDBPyConnection, name: str) -> tuple[str | None, str]:
    """Return a rep's id and name; no id for what has no user.

    Args:
        con: a lake as its last computation saw it.
        name: a name, an e-mail address, an id, or Unassigned; exact ones win.

    Raises:
        QuestionError: nobody is called that, or several are.
    """
    if name.lower() == UNASSIGNED.lower():
        return None, UNASSIGNED
    reps = con.execute(statement("explain.reps")).fetchall()
    # As the Reps tab marks who has left.
    name = name.removesuffix(" (inactive)")
    found = {row[0]: row[1] for row in reps if name in row}
    if len(found) != 1:
        found = {row[0]: row[1] for row in reps if name.lower() in {str(word).lower() for word in row if word}}
    if len(found) == 1:
        return next(iter(found.items()))
    if found:
        raise QuestionError(f"--rep: {name!r} are {len(found)} users: name one by its id, {choices(found)}")
    raise QuestionError(
        f"--rep: there is no user {name!r}; there are {choices([UNASSIGNED, *(row[1] for row in reps)])}"
    )
