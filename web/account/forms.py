"""The forms of one's own account."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from web.language import lazy_gettext as _


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Sign-in name and password."""

    login = StringField(
        _("Sign-in name"),
        [InputRequired(_("Give your sign-in name.")), Length(max=64)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True},
    )
    password = PasswordField(
        _("Password"),
        [InputRequired(_("Give your password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField(_("Sign in"))


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """The current password, and the new one twice."""

    current = PasswordField(
        _("Current password"),
        [InputRequired(_("Give your current password.")), Length(max=256)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _("New password"),
        [InputRequired(_("Give a new password.")), Length(max=256)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("New password again"),
        [EqualTo("password", _("The two do not agree.")), Length(max=256)],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_("Change password"))
