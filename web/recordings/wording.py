"""Texts on the screen about recordings."""

from supervision.recordings.models import RecordingState
from web.language import gettext


def recording_state(value: RecordingState | None) -> str:
    """How a recording stands, in a word or two."""
    if value is None:
        return gettext("No recording")
    return {
        RecordingState.GROWING: gettext("Being recorded"),
        RecordingState.FINAL: gettext("Being sealed"),
        RecordingState.READY: gettext("Ready"),
        RecordingState.EMPTY: gettext("Nothing to hear"),
        RecordingState.FAILED: gettext("Sealing failed"),
        RecordingState.DELETED: gettext("Deleted"),
    }[value]


def recording_explained(value: RecordingState | None) -> str:
    """The same in a sentence, where there is nothing to play."""
    if value is None:
        return gettext("Nothing was recorded of this call.")
    return {
        RecordingState.GROWING: gettext(
            "The call is being recorded. It can be heard a few seconds after its end."
        ),
        RecordingState.FINAL: gettext("The recording is being sealed. Look again in a few seconds."),
        RecordingState.READY: gettext("The recording is sealed and can be heard."),
        RecordingState.EMPTY: gettext("Nobody answered, so there is nothing to hear."),
        RecordingState.FAILED: gettext(
            "The recording could not be sealed. The incident says why; its parts are kept."
        ),
        RecordingState.DELETED: gettext(
            "The recording was deleted with two people's agreement; the proof is kept."
        ),
    }[value]
