"""Sending the sound of a call in progress to one listener."""

import uuid
from typing import cast

from flask import Flask, Response, current_app, request, stream_with_context

from supervision.actor import scope_of
from supervision.listening.live_rules import Place
from supervision.listening.queries import GrowingRecording, growing_recording
from supervision.listening.service import continue_live_listening, note_live_served
from supervision.parts.store import PartStore
from supervision.paths import Paths
from supervision.people.rules import Act, may
from supervision.settings import Settings
from web.access import current_actor, current_context
from web.live.listener_limit import Places
from web.live.sound import Source, sound
from web.live.stream import NO_STORE, Streams, never_stuck
from web.sign_ins import look_again
from web.unit import database, own_transaction


def places_of(settings: Settings) -> Places:
    """The places for listeners of this process."""
    paths = Paths(settings.home)
    return Places(lambda actor, n: paths.listener_place(actor.account_id, n))


def parts_here(app: Flask) -> PartStore:
    """Where this machine has the parts of calls in progress."""
    return cast(PartStore, app.extensions["parts"])


def send_sound(call_id: uuid.UUID, listening_id: uuid.UUID, place: Place | None) -> Response:
    """The sound from a place on, for as long as the person may hear it and a connection lasts.

    Raises what `continue_live_listening` does, and Busy while there is no place for him.
    """
    with own_transaction() as own:
        continue_live_listening(current_context(own), call_id, listening_id)
    listeners = cast(Streams, current_app.extensions["listeners"])
    leave = cast(Places, current_app.extensions["listener_places"]).take(current_actor())
    never_stuck(request.environ)
    frames = stream_with_context(sound(listeners, _source(call_id, listening_id), place))
    answer = Response(frames, mimetype="application/octet-stream", headers=NO_STORE)
    answer.call_on_close(leave)
    return answer


def _source(call_id: uuid.UUID, listening_id: uuid.UUID) -> Source:
    store, actor, parts = database(), current_actor(), parts_here(current_app)

    def look() -> GrowingRecording | None:
        with store.reading() as looking:
            sign_in = look_again(looking)
            if sign_in is None or not may(sign_in.actor.role, Act.LISTEN):
                return None
            return growing_recording(looking, scope_of(sign_in.actor), parts, call_id)

    def note(sent_bytes: int) -> None:
        with store.transaction() as served:
            note_live_served(served, actor, listening_id, sent_bytes)

    return Source(parts, look, note)
