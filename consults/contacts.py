"""How a person is reached: as written, as corrected since, and the mails sent by hand."""

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

from clinic.models import User
from consults import clock
from consults.change import changing
from consults.models import (
    ConsultRequest,
    Correction,
    EventKind,
    Outbox,
    SearchKey,
    State,
)
from consults.states import ContactResult, NotAllowed

Channel = ConsultRequest.Channel
# A text goes to the same number as a call.
KIND_OF = {
    Channel.PHONE: Correction.Kind.PHONE,
    Channel.TEXT: Correction.Kind.PHONE,
    Channel.EMAIL: Correction.Kind.EMAIL,
}


def valid_corrections(row: ConsultRequest, channel: str) -> list[Correction]:
    """Corrections that nobody struck out, the newest first."""
    rows = [each for each in row.corrections.all() if each.kind == KIND_OF[Channel(channel)]]
    return [each for each in reversed(rows) if not each.is_wrong]


def written_is_wrong(row: ConsultRequest, channel: str) -> bool:
    """Whether what the person wrote turned out to be somebody else's."""
    return channel in row.wrong_channels or KIND_OF[Channel(channel)] in row.wrong_channels


def open_channels(row: ConsultRequest) -> list[str]:
    """The ways this person may be reached: known, agreed to, and not found to be someone else's."""
    has_phone = row.phone_sealed is not None and not written_is_wrong(row, Channel.PHONE)
    has_email = row.email_sealed is not None and not written_is_wrong(row, Channel.EMAIL)
    ways = []
    if has_phone or valid_corrections(row, Channel.PHONE):
        ways += [Channel.PHONE.value, *([Channel.TEXT.value] if row.may_text else [])]
    if has_email or valid_corrections(row, Channel.EMAIL):
        ways.append(Channel.EMAIL.value)
    return ways


def email_of(row: ConsultRequest) -> str:
    """Where to write: the newest correction, else what they wrote; empty when there is neither.

    Raises CannotOpen.
    """
    for correction in valid_corrections(row, Channel.EMAIL):
        return correction.value
    return "" if written_is_wrong(row, Channel.EMAIL) else row.email


def strike_out(row: ConsultRequest, channel: str) -> None:
    """Notes that a number or address is not theirs: the newest correction, else what they wrote."""
    for correction in valid_corrections(row, channel):
        correction.is_wrong = True
        correction.save(update_fields=["is_wrong"])
        return
    row.wrong_channels = sorted({*row.wrong_channels, KIND_OF[Channel(channel)].value})


def needs_reason_now(row: ConsultRequest, result: str, channel: str) -> bool:
    """Whether a call or text at this time was not what the person asked for.

    Not when they ask us to stop, nor when the last attempt ended in a time that they named.
    """
    if channel == Channel.EMAIL or result == ContactResult.ASKED_TO_STOP:
        return False
    if clock.is_good_time(row):
        return False
    last = row.events.contacts().last()
    return last is None or last.detail.get("result") != ContactResult.CALL_BACK


def check_not_stopped(row: ConsultRequest) -> None:
    """Raises NotAllowed where the person ended contact, in this request or in another."""
    if row.withdrawn_at:
        raise NotAllowed(_("This person asked us to stop. Nobody may contact them."))
    if row.stopped_at:
        raise NotAllowed(
            _(
                "Someone with this number or address asked us to stop on %(day)s, in another "
                "request. Nobody may contact them unless they write again."
            )
            % {"day": formatted(row.stopped_at, "F j, Y")}
        )


def correct(
    row: ConsultRequest, actor: User, kind: str, value: str, *, seen: int | None = None
) -> ConsultRequest:
    """Adds a number (E.164) or address beside what was written, sealed and searchable."""
    with changing("correct", row, actor, EventKind.CORRECTED, seen=seen) as change:
        check_not_stopped(change.row)
        if kind not in Correction.Kind.values or not value:
            raise NotAllowed(_("Give a phone number or an email address, such as (205) 555-0134."))
        correction = Correction(request=change.row, kind=kind, author=actor)
        correction.value = value
        correction.save()
        SearchKey.objects.bulk_create(
            [
                SearchKey(request=change.row, kind=kind, digest=digest)
                for digest in SearchKey.digests(kind, value)
            ],
            ignore_conflicts=True,
        )
        change.detail["corrected"] = kind
    return change.row


# In which states each mail makes sense.
MAILS = {
    Outbox.Kind.TRIED: (State.NEW, State.TRYING, State.WAITING),
    Outbox.Kind.VISIT: (State.BOOKED,),
    Outbox.Kind.CLOSING: (State.CLOSED,),
}


def mails_for(row: ConsultRequest) -> list[Outbox.Kind]:
    """The fixed mails that may go now: none without an address, none after a withdrawal."""
    if row.stopped_at or row.erased_at or Channel.EMAIL not in open_channels(row):
        return []
    return [kind for kind, states in MAILS.items() if row.state in states]


def owe_mail(
    row: ConsultRequest, actor: User, kind: str, *, seen: int | None = None
) -> ConsultRequest:
    """Has one of the three fixed mails sent. It names nothing and goes out with the next round."""
    with changing("owe_mail", row, actor, EventKind.MAIL_ASKED, seen=seen) as change:
        if kind not in mails_for(change.row):
            raise NotAllowed(_("This mail cannot go now: check the address and the state."))
        Outbox.objects.owe(kind, change.row)
        change.detail["mail"] = str(kind)
    return change.row
