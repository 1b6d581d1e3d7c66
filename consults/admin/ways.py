"""How the request page says to reach a person: opened texts, the ways that are open, the script."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import to_python

from clinic.crypto import CannotOpen
from clinic.models import User
from consults import contacts
from consults.models import ConsultRequest, Correction

Channel = ConsultRequest.Channel
Voicemail = ConsultRequest.Voicemail


@dataclass(frozen=True)
class Opened:
    """A sealed text, opened as far as it can be. Falsy where nothing was written."""

    text: str
    is_readable: bool = True

    def __bool__(self) -> bool:
        return bool(self.text)

    def __str__(self) -> str:
        return self.text


def opened(row: models.Model, name: str) -> Opened:
    try:
        return Opened(getattr(row, name))
    except CannotOpen:
        return Opened(_("Cannot be opened with the keys of this site."), is_readable=False)


@dataclass(frozen=True)
class Way:
    """One way to reach the person, as it stands on the page."""

    channel: str
    label: str
    text: Opened
    href: str = ""
    is_first: bool = False
    is_wrong: bool = False
    rule: str = ""


def ways(row: ConsultRequest) -> list[Way]:
    """How to reach them, the way they chose first. Nothing to press once they said stop."""
    found = []
    if row.phone_sealed:
        found += _phone_ways(row, opened(row, "phone"))
    if row.email_sealed:
        email = opened(row, "email")
        found.append(_way(row, Channel.EMAIL, email, f"mailto:{email}", ""))
    return corrected_ways(row) + sorted(found, key=lambda way: not way.is_first)


def corrected_ways(row: ConsultRequest) -> list[Way]:
    """What was added since, the newest first, with who added it."""
    return [_corrected(row, correction) for correction in reversed(row.corrections.all())]


def _corrected(row: ConsultRequest, correction: Correction) -> Way:
    value = opened(correction, "value")
    is_phone = correction.kind == Correction.Kind.PHONE
    number = to_python(value.text) if is_phone and value.is_readable else None
    is_open = value.is_readable and not correction.is_wrong and not row.stopped_at
    scheme = "tel" if is_phone else "mailto"
    words = {
        "who": correction.author.display_name,
        "day": f"{correction.at:%b} {correction.at.day}",
    }
    return Way(
        channel=correction.kind,
        label=str(_("Corrected phone") if is_phone else _("Corrected email")),
        text=Opened(number.as_national) if number else value,
        href=f"{scheme}:{value}" if is_open else "",
        is_wrong=correction.is_wrong,
        rule=_("Added by %(who)s, %(day)s.") % words,
    )


def _phone_ways(row: ConsultRequest, phone: Opened) -> list[Way]:
    number = to_python(phone.text) if phone.is_readable else None
    shown = Opened(number.as_national) if number else phone
    call = _way(row, Channel.PHONE, shown, f"tel:{phone}", voicemail_rule(row))
    if not row.may_text:
        return [call]
    return [call, _way(row, Channel.TEXT, shown, f"sms:{phone}", _("They agreed to texts."))]


def _way(row: ConsultRequest, channel: Any, text: Opened, href: str, rule: str) -> Way:
    is_wrong = contacts.written_is_wrong(row, channel)
    is_open = text.is_readable and not is_wrong and not row.stopped_at
    return Way(
        channel=channel.value,
        label=str(channel.label),
        text=text,
        href=href if is_open else "",
        is_first=channel == row.channel,
        is_wrong=is_wrong,
        rule=rule,
    )


def voicemail_rule(row: ConsultRequest) -> str:
    rules = {
        Voicemail.NO: _("Leave no voicemail."),
        Voicemail.UNNAMED: _("Voicemail: yes, without the clinic's name."),
        Voicemail.NAMED: _("Voicemail: yes, with the clinic's name."),
    }
    return rules[Voicemail(row.voicemail)]


def voicemail_script(row: ConsultRequest, name: Opened, user: User) -> str:
    """What to say to a machine; nothing where they want no message."""
    if row.voicemail == Voicemail.NO:
        return ""
    words = {
        "name": name.text if name.is_readable else _("(their first name)"),
        "me": user.first_name or _("(your first name)"),
        "clinic": row.location.practice_name,
        "phone": row.location.phone_display,
    }
    if row.voicemail == Voicemail.NAMED:
        hello = _("Hello, this message is for %(name)s. This is %(me)s from %(clinic)s.") % words
    else:
        hello = _("Hello, this message is for %(name)s. This is %(me)s.") % words
    if row.location.phone:
        return f"{hello} " + _("Please call me back at %(phone)s. Thank you.") % words
    return f"{hello} " + _("I will try you again. Thank you.")
