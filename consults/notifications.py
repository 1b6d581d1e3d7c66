"""The only sender of mail. Nothing about a patient can get in.

A mail is owed by an Outbox row (kind and request id) and worked out when it is sent. It names no
person, condition or treatment and repeats no answer; the sender's name is a neutral setting.
"""

import logging
import smtplib
from collections.abc import Callable
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error as DatabaseProblem
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from articles import letters as on_texts
from articles.models import Approval
from clinic.models import SiteText, User
from consults import confirmation, letters, tokens, triage
from consults.models import ConsultRequest, EventKind, Outbox
from consults.outbox import NO_RECIPIENT
from locations.models import Membership

log = logging.getLogger("clinic.mail")


class NoRecipient(Exception):
    """Nobody is set to receive this mail."""


# --- What a mail says ---------------------------------------------------------------------------


def render(row: Outbox) -> EmailMessage:
    """The mail that `row` owes. Raises NoRecipient, or CannotOpen for a lost address."""
    recipients, subject, body = WRITERS[Outbox.Kind(row.kind)](row)
    if not recipients:
        raise NoRecipient
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return EmailMessage(
        subject=subject,
        body=body,
        from_email=formataddr((SiteText.objects.current().mail_sender, address)),
        to=recipients,
        reply_to=_answered_by(row),
        headers={
            # The same for every attempt: a mail sent twice is shown once.
            "Message-ID": f"<{row.pk}@{address.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )


def _answered_by(row: Outbox) -> list[str]:
    """The clinic's mailbox, for mail that staff sent by hand; no other mail is answered."""
    mailbox = row.request.location.notice_email if row.request else ""
    return [mailbox] if mailbox and row.kind in Outbox.BY_HAND else []


def _staff_notice(consult: ConsultRequest) -> tuple[list[str], str, str]:
    path = reverse("admin:consults_consultrequest_change", args=[consult.pk])
    context = {"url": f"{settings.SITE_URL}{path}", "priority": consult.is_flagged}
    subject = (
        _("Priority: a request is waiting") if consult.is_flagged else _("A request is waiting")
    )
    return (
        _staff_of(consult),
        subject,
        render_to_string("consults/mail/staff_notice.txt", context),
    )


def _staff_of(consult: ConsultRequest) -> list[str]:
    """The clinic's mailbox, those who want notices, and leads where their judgement is needed."""
    wanted = Q(memberships__wants_notices=True)
    if consult.is_flagged or not consult.location_was_chosen:
        wanted |= Q(memberships__role=Membership.Role.LEAD)
    here = Q(memberships__location=consult.location)
    people = User.objects.filter(here & wanted, is_active=True, is_staff=True).exclude(email="")
    addresses = [consult.location.notice_email, *people.values_list("email", flat=True)]
    return list(dict.fromkeys(address for address in addresses if address))


def _confirmation(consult: ConsultRequest) -> tuple[list[str], str, str]:
    path = reverse("consults:withdraw", args=[tokens.link(consult.pk, "withdraw")])
    context = {
        "promise": confirmation.promise(consult),
        "reference": consult.reference,
        "url": f"{settings.SITE_URL}{path}",
    }
    body = render_to_string("consults/mail/confirmation.txt", context)
    return [consult.email] if consult.email else [], _("We have your request"), body


def _about(write: Callable[[ConsultRequest], letters.Letter]) -> Callable[[Outbox], letters.Letter]:
    """A writer of mails about one request, for the outbox row that owes it."""
    return lambda row: write(row.request) if row.request else ([], "", "")


def _on_a_text(write: Callable[[Approval], letters.Letter]) -> Callable[[Outbox], letters.Letter]:
    """A writer of mails about one word on a revision, for the outbox row that owes it."""
    return lambda row: write(row.approval) if row.approval else ([], "", "")


WRITERS: dict[Outbox.Kind, Callable[[Outbox], letters.Letter]] = {
    Outbox.Kind.STAFF_NOTICE: _about(_staff_notice),
    Outbox.Kind.CONFIRMATION: _about(_confirmation),
    Outbox.Kind.TRIED: _about(letters.tried),
    Outbox.Kind.VISIT: _about(letters.visit),
    Outbox.Kind.CLOSING: _about(letters.closing),
    Outbox.Kind.OVERDUE: _about(letters.overdue),
    Outbox.Kind.DIGEST: letters.digest,
    Outbox.Kind.HELD: letters.held,
    Outbox.Kind.SURGE: letters.surge,
    Outbox.Kind.REVIEW_ASKED: _on_a_text(on_texts.please_review),
    Outbox.Kind.REVIEW_APPROVED: _on_a_text(on_texts.approved),
    Outbox.Kind.REVIEW_CHANGES: _on_a_text(on_texts.changes_asked),
    Outbox.Kind.REVIEW_DIGEST: lambda row: on_texts.digest(),
}


# --- Sending ------------------------------------------------------------------------------------


ABOUT = ("request__location", "location", "approval__revision")


def send_due(limit: int = 20, stopping: Callable[[], bool] = lambda: False) -> int:
    """Sends what is due, up to `limit` mails, and stops early between two; returns how many went.

    At least once: after a crash between the server's yes and our note of it, the mail goes again
    with the same Message-ID. Raises django.db.Error when the database is away.
    """
    sent = 0
    for row in Outbox.objects.due().select_related(*ABOUT)[:limit]:
        if stopping():
            break
        if row.lease():
            sent += _deliver(row)
    return sent


def _deliver(row: Outbox) -> bool:
    if not _is_still_wanted(row):
        row.delete()
        return False
    try:
        render(row).send()
    except DatabaseProblem:
        raise
    except OSError as error:  # smtplib's own errors are OSErrors too
        row.put_off(error_code(error))
        log.warning("mail put off", extra={"kind": row.last_error, "attempts": row.attempts})
        return False
    except Exception as error:  # it cannot be rendered, and would not be the next time
        row.park(NO_RECIPIENT if isinstance(error, NoRecipient) else type(error).__name__)
        log.error("mail parked", extra={"kind": row.last_error, "attempts": row.attempts})
        return False
    with transaction.atomic():
        row.mark_sent()
        triage.record(EventKind.MAILED, row.request, mail=row.kind)
    return True


def _is_still_wanted(row: Outbox) -> bool:
    """Withdrawing ends contact on every channel; a visit may have been dropped meanwhile.

    Nobody is told of a word on a text that another word has overtaken.
    """
    if row.approval_id is not None:
        return Approval.objects.to_tell().filter(pk=row.approval_id).exists()
    if row.request is None or row.kind not in Outbox.TO_PERSON:
        return True
    has_visit = row.kind != Outbox.Kind.VISIT or row.request.visit_at is not None
    return has_visit and row.request.stopped_at is None


def error_code(error: OSError) -> str:
    """A class name or the server's three digits: its words may repeat an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _text in error.recipients.values()}
        return f"SMTP {max(codes)}" if codes else type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code}"
    return type(error).__name__
