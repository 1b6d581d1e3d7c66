"""What the search index holds of clinics and services.

They are few and name each other, so all of them go in whenever one is saved.
"""

from django.utils.translation import gettext as _

from articles.markdown import parse
from articles.tokens import headings, plain_text
from clinic.index import SearchEntry
from locations.models import Location, Service
from locations.states import STATE_NAMES

Kind = SearchEntry.Kind


def put() -> None:
    """Makes the index say what the pages of clinics and services say now."""
    SearchEntry.objects.put(Kind.CLINIC, [of_clinic(row) for row in Location.objects.listed()])
    services = Service.objects.listed().with_offers()
    SearchEntry.objects.put(Kind.SERVICE, [of_service(row) for row in services])


def of_clinic(clinic: Location) -> SearchEntry:
    state = STATE_NAMES.get(clinic.region, "")
    facts = [clinic.practice_name, clinic.area, *clinic.address_lines, state, clinic.phone_display]
    # What the page tells besides, in words that people search for.
    headings = [
        _("Clinic, location and address."),
        _("Phone: call or contact us."),
        _("Opening hours: when it is open."),
        _("Directions and map: how to get here."),
        _("Request a consult or an appointment."),
    ]
    return SearchEntry.of_page(
        kind=Kind.CLINIC,
        key=clinic.slug,
        path=clinic.get_absolute_url(),
        title=clinic.name,
        opening=", ".join(fact for fact in facts if fact),
        text=" ".join([clinic.blurb, *headings]).strip(),
        # Who asks where, when or how to call wants this page rather than one that names such words
        # in passing. The number once more, as people type it into a box.
        summary=" ".join([*headings, str(clinic.phone.national_number) if clinic.phone else ""]),
        headings=headings,
    )


def of_service(service: Service) -> SearchEntry:
    body = parse(service.body)
    offered = [clinic.name for clinic in getattr(service, "offered_at", [])]
    return SearchEntry.of_page(
        kind=Kind.SERVICE,
        key=service.slug,
        path=service.get_absolute_url(),
        title=service.name,
        opening=service.description,
        text=" ".join([plain_text(body), *offered]),
        headings=[title for _token, _level, title in headings(body)],
    )
