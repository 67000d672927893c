"""The filter of the accounts page, and the form of one account."""

from collections.abc import Mapping

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from supervision.actor import Role
from supervision.errors import InvalidInput
from supervision.people.models import Account
from supervision.people.queries import AccountFilter
from supervision.people.service import Person
from web import arguments as given
from web import wording
from web.language import gettext
from web.language import lazy_gettext as _

_STATES = {"": None, "on": True, "off": False}


class AccountForm(FlaskForm):  # type: ignore[misc]
    """What an account says of a person."""

    login = StringField(
        _("Sign-in name"),
        [Length(max=32)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    name = StringField(_("Name"), [Length(max=64)], render_kw={"autocomplete": "off"})
    role = SelectField(_("Role"), [InputRequired()])
    office = SelectField(_("Office"))
    active = BooleanField(_("The account is on: its owner can sign in"), default=True)
    version = HiddenField()

    def offer(self, offices: Mapping[str, str]) -> None:
        """What can be chosen."""
        self.role.choices = [(role.value, wording.role(role)) for role in Role]
        self.office.choices = [
            ("", gettext("None")),
            *((code, f"{name} ({code})") for code, name in offices.items()),
        ]

    def person(self) -> Person:
        """What was given."""
        return Person(self.name.data or "", Role(self.role.data), self.office.data or None, bool(self.active.data))

    def refuse(self, error: InvalidInput) -> None:
        """Say at its field what will not do."""
        self[error.where].errors = [wording.invalid(error)]


def form_of(account: Account) -> AccountForm:
    """The form filled with an account, or with what was sent."""
    return AccountForm(
        login=account.login,
        name=account.name,
        role=account.role.value,
        office=account.office_code or "",
        active=account.active,
        version=account.version,
    )


def parse_filter(arguments: Mapping[str, str]) -> AccountFilter:
    """What the administrator looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    if state not in _STATES:
        raise InvalidInput("state", state, "on, off or nothing")
    return AccountFilter(
        text=given.text(arguments, "text"),
        role=given.choice(arguments, "role", Role),
        office_code=given.text(arguments, "office") or None,
        active=_STATES[state],
    )
