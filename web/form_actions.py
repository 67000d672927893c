"""An act of a form: done and said, or refused and said; either way a page shows how things are."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from supervision.errors import Conflict, InvalidInput, Refused
from web.unit import give_up
from web.wording import refusal

OVERTAKEN = "overtaken"  # what is shown now is new to the person: what he typed before is not put back over it


def carry_out(act: Callable[[], object], said: str, back: str) -> ResponseReturnValue:
    """Do it and go back, saying what was done or why not. What was refused leaves nothing behind."""
    try:
        act()
    except (Refused, InvalidInput, Conflict) as error:
        give_up()
        flash(refusal(error), OVERTAKEN if isinstance(error, Conflict) else "bad")
    else:
        flash(said)
    return redirect(back, 303)
