"""Mails beyond the first two: sent by hand to the person, and what the worker owes to staff.

Like all mail they name no person, clinic, condition or treatment, and repeat no answer.
"""

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

from clinic.models import User
from consults import contacts, spam, tokens
from consults.models import ConsultRequest, Outbox
from consults.reports import counts_of
from locations.models import Location, Membership

Letter = tuple[list[str], str, str]  # recipients, subject, body


def _to_person(consult: ConsultRequest, subject: str, template: str) -> Letter:
    path = reverse("consults:withdraw", args=[tokens.link(consult.pk, "withdraw")])
    visit = consult.visit_at and timezone.localtime(consult.visit_at, consult.location.zone)
    context = {
        "reference": consult.reference,
        "phone": consult.location.phone_display,
        "visit": formatted(visit, "l, F j, P T") if visit else "",
        "url": f"{settings.SITE_URL}{path}",
        "form": f"{settings.SITE_URL}{reverse('consults:request')}",
    }
    address = contacts.email_of(consult)
    body = render_to_string(f"consults/mail/{template}.txt", context)
    return [address] if address else [], subject, body


def tried(consult: ConsultRequest) -> Letter:
    return _to_person(consult, _("We tried to reach you"), "tried")


def visit(consult: ConsultRequest) -> Letter:
    return _to_person(consult, _("Your visit"), "visit")


def closing(consult: ConsultRequest) -> Letter:
    return _to_person(consult, _("We have closed your request"), "closing")


def overdue(consult: ConsultRequest) -> Letter:
    """To the leads of the clinic; to its mailbox where there is none."""
    path = reverse("admin:consults_consultrequest_change", args=[consult.pk])
    body = render_to_string("consults/mail/overdue.txt", {"url": f"{settings.SITE_URL}{path}"})
    leads = people_of(consult.location, Q(memberships__role=Membership.Role.LEAD))
    mailbox = [consult.location.notice_email] if consult.location.notice_email else []
    return leads or mailbox, _("A request is overdue and nobody has it"), body


def digest(row: Outbox) -> Letter:
    """Counts and a link, to the clinic's mailbox and those who want notices."""
    where = row.location
    if where is None:
        return [], "", ""
    path = reverse("admin:consults_consultrequest_changelist")
    context = {"counts": counts_of(where), "url": f"{settings.SITE_URL}{path}?clinic={where.slug}"}
    people = people_of(where, Q(memberships__wants_notices=True))
    addresses = [address for address in [where.notice_email, *people] if address]
    body = render_to_string("consults/mail/digest.txt", context)
    return list(dict.fromkeys(addresses)), _("What waits today"), body


def held(row: Outbox) -> Letter:
    """How many requests wait for somebody to say whether a person sent them."""
    return _about_held(row, _("Requests are held as possible spam"), "held")


def surge(row: Outbox) -> Letter:
    """That more came at once than anyone could read, and how many are held for it."""
    return _about_held(row, _("Many requests came at once"), "surge")


def _about_held(row: Outbox, subject: str, template: str) -> Letter:
    """A count and a link, to the clinic's mailbox, its leads and those who want notices."""
    where = row.location
    if where is None:
        return [], "", ""
    rows = ConsultRequest.objects.at_clinics([where]).quarantined()
    path = f"{reverse('admin:consults_consultrequest_changelist')}?view=quarantine"
    context = {
        "held": rows.count(),
        "held_by_surge": spam.held_by_surge_among(rows).count(),
        "days": settings.RETENTION_DAYS["quarantine"],
        "url": f"{settings.SITE_URL}{path}&clinic={where.slug}",
    }
    body = render_to_string(f"consults/mail/{template}.txt", context)
    wanted = Q(memberships__wants_notices=True) | Q(memberships__role=Membership.Role.LEAD)
    addresses = [where.notice_email, *people_of(where, wanted)]
    return list(dict.fromkeys(address for address in addresses if address)), subject, body


def people_of(where: Location, which: Q) -> list[str]:
    """The addresses of those who work at a clinic and match `which` there."""
    here = Q(memberships__location=where)
    people = User.objects.filter(here & which, is_active=True, is_staff=True).exclude(email="")
    return list(people.values_list("email", flat=True))
