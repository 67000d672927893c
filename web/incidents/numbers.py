"""What was found about one incident, in a sentence with its numbers; nothing where it has none to tell."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from supervision.calls.rules import Disposition, Party
from supervision.certificates.rules import Paper
from supervision.clock import local
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from web.calls import wording
from web.language import gettext, ngettext

Detail = Mapping[str, Any]
SECOND_CALL = 486  # the dialplan's answer to one call more than a line has ports


def found(incident: Incident) -> str:
    """The sentence, or nothing."""
    says = _SENTENCES.get(incident.cause)
    try:
        return says(incident.detail) if says else ""
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return ""  # an older node sent other fields; they stand below, word for word


def span(ms: float) -> str:
    """A stretch of time in the two largest units that say enough of it."""
    seconds = abs(ms) / 1000
    if seconds < 60:
        return gettext("%(seconds)s s", seconds=f"{seconds:.1f}".removesuffix(".0"))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return gettext("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    return gettext("%(days)s days %(hours)s h", days=hours // 24, hours=hours % 24)


def _span_ms(detail: Detail, key: str) -> str:
    return span(int(detail[key]))


def _span_s(detail: Detail, key: str) -> str:
    return span(int(detail[key]) * 1000)


def _record(detail: Detail) -> str:
    if not detail["has_audio"]:
        return gettext("The exchange knows of it; there is no audio here.")
    if detail["known_to_asterisk"]:
        return gettext("The exchange knows of it, and there is audio of it.")
    return gettext("There is audio of it; the exchange has no record of it.")


def _waited(detail: Detail) -> str:
    return gettext("Waited for %(time)s.", time=_span_s(detail, "waited_s"))


def _times(detail: Detail) -> str:
    if detail.get("ended_for_asterisk_only"):
        return gettext("For the exchange the call is over; for the record it goes on.")
    begin, end = _span_ms(detail, "offered_off_ms"), detail["ended_off_ms"]
    if end is None:
        return gettext("The beginnings are %(begin)s apart.", begin=begin)
    both = {"begin": begin, "end": _span_ms(detail, "ended_off_ms")}
    return gettext("The beginnings are %(begin)s apart, the ends %(end)s.", **both)


def _course(detail: Detail) -> str:
    parts = []
    if "record_disposition" in detail:
        said = (Disposition(detail["record_disposition"]), Disposition(detail["asterisk_disposition"]))
        both = {"record": wording.disposition(said[0]), "log": wording.disposition(said[1])}
        parts.append(gettext("Outcome: %(record)s by the record, %(log)s by the log.", **both))
    if "record_desk" in detail:
        both = {"record": detail["record_desk"] or "–", "log": detail["asterisk_desk"] or "–"}
        parts.append(gettext("Desk: %(record)s by the record, %(log)s by the log.", **both))
    if "record_hung_up_by" in detail:
        parties = (Party(detail["record_hung_up_by"]), Party(detail["asterisk_hung_up_by"]))
        both = {"record": wording.party(parties[0]), "log": wording.party(parties[1])}
        parts.append(gettext("Hung up by: %(record)s by the record, %(log)s by the log.", **both))
    if "record_rings" in detail:
        rings = {"record": int(detail["record_rings"]), "log": int(detail["asterisk_rings"])}
        parts.append(gettext("Rings: %(record)s by the record, %(log)s by the log.", **rings))
    return " ".join(parts)


def _never(detail: Detail) -> str:
    time = _span_ms(detail, "expected_ms")
    if detail["mixmonitor_started"]:
        return gettext("%(time)s should have been recorded; the exchange says that recording began.", time=time)
    return gettext("%(time)s should have been recorded; the exchange never began to record.", time=time)


def _muted(detail: Detail) -> str:
    if "direction" in detail:
        return _ordered(str(detail["direction"]))
    expected, has = _span_ms(detail, "expected_ms"), _span_ms(detail, "found_ms")
    if detail["muted_ms"]:
        muted = _span_ms(detail, "muted_ms")
        return gettext("Of %(expected)s, %(muted)s were recorded muted.", expected=expected, muted=muted)
    if detail["silent"]:
        return gettext("Nothing can be heard in the %(has)s that there are.", has=has)
    return gettext("The call took %(expected)s, the recording has %(has)s.", expected=expected, has=has)


def _ordered(direction: str) -> str:
    return {
        "read": gettext("By order, silence was recorded in place of what the caller said."),
        "write": gettext("By order, silence was recorded in place of what the caller heard."),
        "both": gettext("By order, silence was recorded in place of both sides."),
    }[direction]


def _lengths(detail: Detail) -> str:
    expected, has = _span_ms(detail, "expected_ms"), _span_ms(detail, "found_ms")
    return gettext("The call took %(expected)s, the recording has %(has)s.", expected=expected, has=has)


def _one_way(detail: Detail) -> str:
    numbers = {"line": detail["line"], "desk": detail["desk"]}
    numbers |= {"still": _span_ms(detail, "still_ms"), "talk": _span_ms(detail, "talk_ms")}
    if detail["side"] == "caller":
        said = gettext(
            "Line %(line)s, desk %(desk)s: of %(talk)s nothing came from the caller for %(still)s.", **numbers
        )
    else:
        said = gettext(
            "Line %(line)s, desk %(desk)s: of %(talk)s nothing came from the desk for %(still)s.", **numbers
        )
    if detail["packets"] is None:
        return said
    packets = int(detail["packets"])
    return f"{said} " + ngettext("%(num)s packet of audio came.", "%(num)s packets of audio came.", packets)


def _refused(detail: Detail) -> str:
    numbers = {"line": detail["line"], "status": int(detail["status"]), "reason": detail["reason"]}
    if numbers["status"] == SECOND_CALL:
        return gettext("Line %(line)s: its ports were taken; the call that stood went on.", line=detail["line"])
    return gettext("Line %(line)s; the exchange answered %(status)s: %(reason)s", **numbers)


def _impossible(detail: Detail) -> str:
    names = {
        "offered_at": gettext("beginning"),
        "first_rang_at": gettext("first ring"),
        "answered_at": gettext("answer"),
        "ended_at": gettext("end"),
    }
    times = sorted({names.get(str(name), gettext("another time")) for name in detail["times"]})
    return gettext("It cannot be: %(names)s.", names=", ".join(times))


def _aside(detail: Detail) -> str:
    item = {"task": str(detail["task"]), "item": str(detail["item"]), "error": str(detail["error"])}
    return gettext("Task “%(task)s”, %(item)s: %(error)s", **item)


def _unreceived(detail: Detail) -> str:
    numbers = {"bytes": f"{int(detail['bytes']):,}", "time": _span_s(detail, "waited_s")}
    return gettext("%(bytes)s bytes, closed %(time)s ago, are not here in full.", **numbers)


def _sizes(detail: Detail) -> str:
    wanted, has = int(detail["wanted_bytes"]), int(detail["found_bytes"])
    return gettext("It should have %(wanted)s bytes and has %(has)s.", wanted=f"{wanted:,}", has=f"{has:,}")


def _content(detail: Detail) -> str:
    if detail["unreadable"]:
        return gettext("The file cannot be decoded.")
    if detail["audio_changed"]:
        return gettext("What can be heard is no longer what was sealed.")
    return gettext("What can be heard is the same; the file around it is not.")


def _copies(detail: Detail) -> str:
    both = {"office": _span_ms(detail, "office_ms"), "hq": _span_ms(detail, "headquarters_ms")}
    return gettext("The office has %(office)s, headquarters %(hq)s.", **both)


def _skipped(detail: Detail) -> str:
    if detail.get("put_back"):
        return gettext(
            "The office's database was put back from a copy. Headquarters had reports up to number %(received)s "
            "of it; what was reported since is reported again under new numbers.",
            received=int(detail["received"]),
        )
    if "written" in detail:
        return _unsent(int(detail["written"]), int(detail["received"]), int(detail["waiting"]))
    numbers = {"wanted": int(detail["wanted"]), "last": int(detail["last"]), "taken": int(detail["taken"])}
    if detail["came"] is None:
        return gettext("The last number is %(last)s, but %(taken)s reports were received.", **numbers)
    return gettext("Number %(wanted)s was due, and number %(came)s came.", came=int(detail["came"]), **numbers)


def _unsent(written: int, received: int, waiting: int) -> str:
    if received > written:
        return gettext(
            "Headquarters has reports up to number %(received)s, but here only %(written)s are known: the "
            "office's database was put back from a copy.",
            received=received,
            written=written,
        )
    return gettext(
        "Of the reports up to number %(written)s, %(lost)s were not sent and are gone.",
        written=written,
        lost=written - received - waiting,
    )


def _silent(detail: Detail) -> str:
    return gettext("Nothing for %(time)s.", time=_span_s(detail, "silent_s"))


def _clock(detail: Detail) -> str:
    off = _span_s(detail, "clock_off_s")
    if int(detail["clock_off_s"]) > 0:
        return gettext("It is %(time)s fast.", time=off)
    return gettext("It is %(time)s slow.", time=off)


def _behind(detail: Detail) -> str:
    return gettext("It is at least %(time)s slow.", time=_span_s(detail, "behind_s"))


def _room(detail: Detail) -> str:
    free, total = int(detail["free_bytes"]), int(detail["total_bytes"])
    figures = {"free": f"{free / 1e9:,.1f}", "total": f"{total / 1e9:,.1f}", "level": int(detail["level"])}
    return gettext("%(free)s GB of %(total)s GB were free, less than %(level)s %%.", **figures)


def _backlog(detail: Detail) -> str:
    numbers = {"time": _span_s(detail, "waited_s"), "parts": int(detail["parts"])}
    return gettext("The oldest had waited for %(time)s; %(parts)s recording parts were on their way.", **numbers)


def _last_backup(detail: Detail) -> str:
    if not detail["last_at"]:
        return gettext("There is none yet.")
    return gettext(
        "The last: %(time)s.", time=f"{local(datetime.fromisoformat(detail['last_at'])):%Y-%m-%d %H:%M}"
    )


def _backup_fault(detail: Detail) -> str:
    return gettext("Backup %(number)s: %(fault)s", number=int(detail["number"]), fault=str(detail["fault"]))


def _ends(detail: Detail) -> str:
    paper = {
        Paper.LIST: gettext("The list of revoked certificates"),
        Paper.AUTHORITY: gettext("The certificate of headquarters' authority"),
        Paper.SERVER: gettext("The certificate of headquarters' intake"),
        Paper.SERVED: gettext("The certificate that headquarters shows (has nginx read the renewed one?)"),
        Paper.OFFICE: gettext("The certificate of the office's node"),
    }[Paper(detail["paper"])]
    ends = local(datetime.fromisoformat(detail["ends_at"]))
    return gettext("%(paper)s: until %(day)s.", paper=paper, day=f"{ends:%Y-%m-%d}")


def _unrostered(detail: Detail) -> str:
    where = {"line": str(detail["line"]), "day": str(detail["day"]), "span": str(detail["spans"])}
    return gettext("%(line)s, %(day)s, %(span)s: nobody is on duty.", **where)


_SENTENCES: dict[Cause, Callable[[Detail], str]] = {
    Cause.RECORD_MISSING: _record,
    Cause.SWITCH_RECORD_MISSING: _waited,
    Cause.TIMES_DIFFER: _times,
    Cause.RECORD_DIFFERS: _course,
    Cause.NEVER_RECORDED: _never,
    Cause.RECORDING_MUTED: _muted,
    Cause.DURATION_DIFFERS: _lengths,
    Cause.LENGTH_MISMATCH: _lengths,
    Cause.NOT_RECEIVED: _unreceived,
    Cause.ONE_WAY_AUDIO: _one_way,
    Cause.OFFER_REFUSED: _refused,
    Cause.TIME_IMPOSSIBLE: _impossible,
    Cause.WORK_SET_ASIDE: _aside,
    Cause.FILE_SIZE_DIFFERS: _sizes,
    Cause.CONTENT_CHANGED: _content,
    Cause.OFFICE_COPY_MISSING: _waited,
    Cause.COPIES_DIFFER: _copies,
    Cause.SEQUENCE_SKIPPED: _skipped,
    Cause.OFFICE_SILENT: _silent,
    Cause.CLOCK_OFF: _clock,
    Cause.CLOCK_BEHIND: _behind,
    Cause.DISK_LOW: _room,
    Cause.BACKLOG_OLD: _backlog,
    Cause.CERTIFICATE_ENDS: _ends,
    Cause.ROSTER_HOLE: _unrostered,
    Cause.BACKUP_LATE: _last_backup,
    Cause.BACKUP_UNVERIFIED: _last_backup,
    Cause.BACKUP_DAMAGED: _backup_fault,
}
