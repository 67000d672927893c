"""How the sound of a call in progress goes over the wire: frames of 8 bytes of head and what they carry.

    kind (1 byte) · 3 bytes of nothing · length (4 bytes, little-endian) · payload

A `PLACE` says where on the recording the sound that follows lies (JSON: part, at, begins_s), a `SOUND` is raw
16-bit stereo at 8 kHz, a `STATE` says how things stand (JSON: state, edge_s) and comes at least once a second, so
that a dead line is noticed. web/static/js/listen/wire.js reads the same.
"""

import enum
import struct

from flask import json

from supervision.listening.live_rules import LaidPart, Place

_HEAD = struct.Struct("<B3xI")


class Frame(enum.IntEnum):
    """What a frame carries."""

    PLACE = 1
    SOUND = 2
    STATE = 3


class Saying(enum.StrEnum):
    """How things stand: it goes on, all is heard, or he may no longer listen."""

    ON = "on"
    OVER = "over"
    LEAVE = "leave"


def place_frame(place: Place, part: LaidPart) -> bytes:
    """Where the sound that follows lies."""
    head = {"part": place.part, "at": place.at, "begins_s": part.begins_s}
    return _frame(Frame.PLACE, json.dumps(head).encode())


def sound_frame(pcm: bytes) -> bytes:
    """Sound."""
    return _frame(Frame.SOUND, pcm)


def state_frame(state: Saying, edge_s: float) -> bytes:
    """How things stand, and where the end of what is here lies."""
    return _frame(Frame.STATE, json.dumps({"state": state.value, "edge_s": edge_s}).encode())


def _frame(kind: Frame, payload: bytes) -> bytes:
    return _HEAD.pack(kind, len(payload)) + payload
