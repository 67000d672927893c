"""The people of the demo can show at once what takes two."""

from sqlalchemy import select

from demo.people import make_people
from supervision.actor import Role, Scope
from supervision.context import Context
from supervision.database import Database
from supervision.people.models import Account
from supervision.people.resets import agree_to_reset, ask_reset
from supervision.people.sign_ins import actor_of


def test_the_head_agrees_on_the_first_day_to_what_the_security_administrator_asks_for(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    make_people(database, "demo-0123abcd")
    with database.transaction() as session:
        people = {one.role: one for one in session.scalars(select(Account))}
        asked = ask_reset(
            Context(session, actor_of(people[Role.SECURITY_ADMINISTRATOR]), Scope()), people[Role.SUPERVISOR].id
        )
        agreed, _owner = agree_to_reset(
            Context(session, actor_of(people[Role.SUPERVISION_HEAD]), Scope()), asked.id
        )
        assert agreed.agreed_by == people[Role.SUPERVISION_HEAD].id
    database.close()
