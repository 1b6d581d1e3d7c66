"""What the person who wrote is told afterwards, on the confirmation and in the mail."""

import datetime as dt

from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

from clinic.crypto import CannotOpen
from clinic.models import US_TIME_ZONES
from consults.models import ConsultRequest
from locations.calendar import Calendar

Channel, Voicemail = ConsultRequest.Channel, ConsultRequest.Voicemail
ZONES = dict(US_TIME_ZONES)


def promise(consult: ConsultRequest) -> str:
    """As “Tuesday, March 10, 5 p.m. Central time”, in the clinic's zone."""
    return moment(consult.promised_by, consult)


def moment(at: dt.datetime, consult: ConsultRequest) -> str:
    local = timezone.localtime(at, consult.location.zone)
    zone = ZONES[consult.location.time_zone]
    return _("%(moment)s %(zone)s time") % {"moment": formatted(local, "l, F j, P"), "zone": zone}


def number_ending(phone: str) -> str:
    """Enough to recognise one's own number, and no more."""
    return _("the number ending in %(digits)s") % {"digits": phone.partition(";")[0][-2:]}


def shortened(email: str) -> str:
    return f"{email[:1]}…@{email.rpartition('@')[2]}"


class Told:
    """The sentences of one confirmation. What cannot be opened is left out, never an error."""

    def __init__(self, consult: ConsultRequest) -> None:
        self.consult = consult
        self.clinic = consult.location

    @property
    def promise(self) -> str:
        return promise(self.consult)

    @property
    def way(self) -> str:
        """How we will reach them, and where."""
        phrases = {
            Channel.PHONE: _("We will call %(where)s"),
            Channel.TEXT: _("We will text %(where)s"),
            Channel.EMAIL: _("We will write to %(where)s"),
        }
        return phrases[Channel(self.consult.channel)] % {"where": self.where}

    @property
    def where(self) -> str:
        try:
            if self.consult.channel == Channel.EMAIL:
                return shortened(self.consult.email)
            return number_ending(self.consult.phone)
        except CannotOpen:
            return _("the contact you gave")

    @property
    def sender(self) -> str:
        """The number a call or text comes from; empty where the clinic has none."""
        if self.consult.channel == Channel.PHONE:
            return self.clinic.phone_display
        if self.consult.channel == Channel.TEXT and self.clinic.texting_phone:
            return str(self.clinic.texting_phone.as_national)
        return ""

    @property
    def voicemail(self) -> str:
        """What will be said if nobody picks up; empty where we do not call."""
        if self.consult.channel != Channel.PHONE:
            return ""
        phrases = {
            Voicemail.NO: _("We will not leave a message. We will try again."),
            Voicemail.UNNAMED: _(
                "We will give a first name and a number to call back. We will not name the clinic."
            ),
            Voicemail.NAMED: _("We will say that %(clinic)s called, and give a number."),
        }
        return phrases[Voicemail(self.consult.voicemail)] % {"clinic": self.clinic.practice_name}

    @property
    def good_times(self) -> str:
        labels = dict(ConsultRequest.Time.choices)
        chosen = [str(labels[time]) for time in self.consult.good_times if time in labels]
        return "; ".join(chosen) or _("Any time")

    @property
    def stored(self) -> list[str]:
        """The labels of what was stored, without the answers."""
        columns = {
            _("what to call you"): self.consult.name_sealed,
            _("your phone number"): self.consult.phone_sealed,
            _("your email address"): self.consult.email_sealed,
            _("what you wrote to us"): self.consult.question_sealed,
        }
        always = [_("the clinic"), _("how and when to reach you"), _("when you wrote")]
        return [label for label, sealed in columns.items() if sealed] + always

    @property
    def next_read(self) -> str:
        """While the clinic is closed: when staff will next be there to read. Else empty."""
        calendar, now = Calendar.of(self.clinic), timezone.now()
        opens = None if calendar.is_open(now) else calendar.next_opening(now)
        return moment(opens, self.consult) if opens else ""
