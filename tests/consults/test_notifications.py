"""Mail: what it says, to whom, that it is sent, put off or given up. A real SMTP conversation."""

import datetime as dt
import smtplib
import threading
from collections.abc import Iterator
from email.message import EmailMessage as Received
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings as site
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from articles.models import Approval
from consults import notifications, outbox, triage
from consults.models import ConsultRequest, Event, EventKind, Outbox
from locations.models import Location, Membership
from tests import build
from tests.articles import build as articles
from tests.consults.build import SAME_ORIGIN, consult

SMTP_PORT = 26025  # fixed, and below those that the system gives to outgoing connections
MINUTE = dt.timedelta(minutes=1)
CANARIES = {
    "name": "Canary Person",
    "phone": "+12055550177",
    "email": "canary@example.com",
    "question": "Does ketamine help with depression?",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def where() -> Location:
    build.site_text(name="Canary Ketamine Clinics")
    return build.location(
        name="Canary Hills", practice_name="Canary Wellness", notice_email="desk@example.com"
    )


def owed(where: Location, kind: str = Outbox.Kind.STAFF_NOTICE, **values: Any) -> Outbox:
    person = consult(where, **(CANARIES | values))
    if kind in Outbox.OF_THE_DAY:
        return Outbox.objects.create(kind=kind, location=where, day=timezone.localdate())
    if kind in Outbox.ON_A_TEXT:
        return Outbox.objects.create(kind=kind, approval=word(kind.removeprefix("review_")))
    if kind == Outbox.Kind.REVIEW_DIGEST:
        word(Approval.Decision.ASKED)
        return Outbox.objects.create(kind=kind, day=timezone.localdate())
    return Outbox.objects.owe(kind, person)


def word(decision: str) -> Approval:
    """What an editor asks of a medical reviewer about a text, or the reviewer answers."""
    editor = build.user("Editor", email="ed@example.com")
    reviewer = build.user("Medical reviewer", email="rae@example.com")
    revision = articles.draft(editor).revisions.latest()
    by = editor if decision == Approval.Decision.ASKED else reviewer
    return revision.approvals.create(by=by, decision=decision, comment="Canary comment.")


def sent_as(row: Outbox) -> mail.EmailMessage:
    return notifications.render(row)


# --- What it says -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Outbox.Kind.values)
def test_every_mail_names_no_person_condition_treatment_or_answer(
    where: Location, kind: str
) -> None:
    row = owed(where, kind, good_times=["morning"], is_flagged=True)
    message = sent_as(row)
    told = message.message().as_string().lower().replace("to: canary@example.com", "")
    assert "canary" not in told
    for word in ("0177", "ketamine", "depress", "crisis", "suicid", "988", "morning", "phone call"):
        assert word not in told
    assert message.from_email == "Front desk <front-desk@example.com>"


def test_every_kind_of_mail_has_a_writer() -> None:
    assert set(notifications.WRITERS) == set(Outbox.Kind)


def test_notice_links_to_the_request_by_its_id(where: Location, settings: Any) -> None:
    row = owed(where)
    message = sent_as(row)
    link = f"{settings.SITE_URL}/admin/consults/consultrequest/{row.request_id}/change/"
    assert link in str(message.body).splitlines()
    assert (message.subject, message.to) == ("A request is waiting", ["desk@example.com"])


def test_confirmation_carries_the_promise_and_a_link_that_withdraws(
    where: Location, client: Client, settings: Any
) -> None:
    promised = dt.datetime(2026, 3, 3, 22, tzinfo=dt.UTC)
    row = owed(where, Outbox.Kind.CONFIRMATION, promised_by=promised)
    message = sent_as(row)
    lines = str(message.body).splitlines()
    assert "We will try to reach you by Tuesday, March 3, 4 p.m. Central time." in str(message.body)
    assert (message.subject, message.to) == ("We have your request", ["canary@example.com"])
    link = next(line for line in lines if line.startswith(settings.SITE_URL))
    path = link.removeprefix(settings.SITE_URL)
    assert client.get(path).status_code == 200
    assert ConsultRequest.objects.get().withdrawn_at is None
    client.post(path, headers=SAME_ORIGIN)
    assert ConsultRequest.objects.get().withdrawn_at is not None


def test_mail_sent_again_has_the_same_message_id(where: Location) -> None:
    row = owed(where)
    first, second = (sent_as(row).message() for _time in range(2))
    assert first["Message-ID"] == second["Message-ID"] == f"<{row.pk}@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"


def test_sender_name_is_a_setting_of_the_site(where: Location) -> None:
    build.site_text(mail_sender="The office")
    assert sent_as(owed(where)).from_email == "The office <front-desk@example.com>"


# --- To whom ------------------------------------------------------------------------------------


def people(where: Location) -> None:
    build.member(where, email="quiet@example.com")
    for name, role, active in [("wants", "staff", True), ("left", "staff", False)]:
        person = build.member(where, role, email=f"{name}@example.com", is_active=active)
        Membership.objects.filter(user=person).update(wants_notices=True)
    build.member(where, Membership.Role.LEAD, email="lead@example.com")
    elsewhere = build.member(build.location(), email="elsewhere@example.com")
    Membership.objects.filter(user=elsewhere).update(wants_notices=True)


def test_notice_goes_to_the_mailbox_and_those_who_want_it(where: Location) -> None:
    people(where)
    assert sent_as(owed(where)).to == ["desk@example.com", "wants@example.com"]


@pytest.mark.parametrize("values", [{"is_flagged": True}, {"location_was_chosen": False}])
def test_notice_goes_to_leads_where_their_judgement_is_needed(
    where: Location, values: dict[str, Any]
) -> None:
    people(where)
    to = sent_as(owed(where, **values)).to
    assert sorted(to) == ["desk@example.com", "lead@example.com", "wants@example.com"]


def test_priority_notice_says_so(where: Location) -> None:
    assert sent_as(owed(where, is_flagged=True)).subject == "Priority: a request is waiting"


def test_notice_without_a_recipient_is_parked_at_once(where: Location) -> None:
    where.notice_email = ""
    where.save()
    row = owed(where)
    assert notifications.send_due() == 0
    row.refresh_from_db()
    assert (row.last_error, row.attempts) == ("no-recipient", 1)
    assert row.parked_at is not None
    assert not mail.outbox


# --- Sent, once ---------------------------------------------------------------------------------


def test_due_mail_is_sent_once_and_put_on_record(where: Location) -> None:
    row = owed(where)
    assert [notifications.send_due() for _round in range(2)] == [1, 0]
    assert len(mail.outbox) == 1
    row.refresh_from_db()
    assert row.sent_at is not None
    assert (row.leased_until, row.parked_at) == (None, None)
    event = Event.objects.get()
    assert (event.kind, event.detail) == (EventKind.MAILED, {"mail": "staff_notice"})


def test_only_so_many_are_sent_in_one_go_and_none_after_the_word_to_stop(where: Location) -> None:
    for _number in range(3):
        owed(where)
    assert notifications.send_due(limit=2) == 2
    assert notifications.send_due(stopping=lambda: True) == 0
    assert notifications.send_due() == 1


def test_worker_stops_between_two_mails(where: Location) -> None:
    for _number in range(3):
        owed(where)
    assert notifications.send_due(stopping=lambda: len(mail.outbox) == 1) == 1


def test_withdrawn_person_gets_no_confirmation(where: Location) -> None:
    owed(where, Outbox.Kind.CONFIRMATION)
    triage.withdraw(ConsultRequest.objects.get())
    assert notifications.send_due() == 0
    assert not Outbox.objects.exists()
    assert not mail.outbox


def test_row_leased_by_a_worker_that_died_is_sent_by_another(where: Location) -> None:
    row = owed(where)
    assert row.lease()
    assert notifications.send_due() == 0
    with time_machine.travel(timezone.now() + 3 * MINUTE):
        assert notifications.send_due() == 1
    assert Outbox.objects.get().attempts == 2


def test_row_that_kills_its_worker_is_given_up(where: Location) -> None:
    owed(where)
    now = timezone.now()
    for attempt in range(outbox.ATTEMPTS):
        with time_machine.travel(now + attempt * 3 * MINUTE):
            assert Outbox.objects.get().lease()
    with time_machine.travel(now + dt.timedelta(days=1)):
        assert notifications.send_due() == 0
    row = Outbox.objects.get()
    assert row.parked_at is not None
    assert row.last_error == "worker-died"


@pytest.mark.django_db(transaction=True)
def test_eight_workers_send_each_mail_once() -> None:
    where = build.location(notice_email="desk@example.com")
    for _number in range(4):
        owed(where)
    start, counts = threading.Barrier(8), []

    def work() -> None:
        start.wait()
        counts.append(notifications.send_due())
        connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(counts), len(mail.outbox)) == (4, 4)
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 4


def test_mail_that_cannot_be_written_is_parked_and_holds_up_no_other(where: Location) -> None:
    poison = owed(where, Outbox.Kind.CONFIRMATION)
    ConsultRequest.objects.update(email_sealed=b"broken")
    good = owed(where)
    assert notifications.send_due() == 1
    poison.refresh_from_db()
    good.refresh_from_db()
    assert (poison.last_error, poison.sent_at) == ("CannotOpen", None)
    assert good.sent_at is not None


# --- A mail server that answers, and one that does not -------------------------------------------


class Answers:
    """What the mail server says to a message, and what it took."""

    def __init__(self) -> None:
        self.taken: list[Received] = []
        self.to_rcpt = self.to_data = "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            parsed = BytesParser(policy=default).parsebytes(envelope.content)
            assert isinstance(parsed, Received)
            self.taken.append(parsed)
        return self.to_data


@pytest.fixture
def smtp(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", SMTP_PORT
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 2


@pytest.fixture
def server(smtp: None) -> Iterator[Answers]:
    answers = Answers()
    controller = Controller(answers, hostname="127.0.0.1", port=SMTP_PORT)
    controller.start()
    yield answers
    controller.stop()


def test_mail_server_takes_the_mail(where: Location, server: Answers) -> None:
    row = owed(where, Outbox.Kind.CONFIRMATION)
    assert notifications.send_due() == 1
    message = server.taken[0]
    assert (message["To"], message["From"]) == (
        "canary@example.com",
        "Front desk <front-desk@example.com>",
    )
    assert message["Message-ID"] == f"<{row.pk}@example.com>"
    assert "/consult/withdraw/" in message.get_content()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"to_rcpt": "451 canary@example.com is greylisted"}, "SMTP 451"),
        ({"to_rcpt": "550 canary@example.com unknown"}, "SMTP 550"),
        ({"to_data": "452 full"}, "SMTP 452"),
        ({"to_data": "554 no canary@example.com"}, "SMTP 554"),
    ],
)
def test_refused_mail_is_put_off_and_only_the_code_is_kept(
    where: Location, server: Answers, answer: dict[str, str], code: str
) -> None:
    vars(server).update(answer)
    row = owed(where, Outbox.Kind.CONFIRMATION)
    before = timezone.now()
    assert notifications.send_due() == 0
    row.refresh_from_db()
    assert (row.last_error, row.attempts, row.sent_at, row.parked_at) == (code, 1, None, None)
    assert before + MINUTE <= row.due_at <= timezone.now() + MINUTE
    vars(server).update(to_rcpt="250 OK", to_data="250 OK")
    with time_machine.travel(row.due_at):
        assert notifications.send_due() == 1
    assert len(server.taken) == 1


def test_no_mail_server_puts_the_mail_off(where: Location, smtp: None) -> None:
    row = owed(where)
    assert notifications.send_due() == 0
    row.refresh_from_db()
    assert row.last_error == "ConnectionRefusedError"


def test_mail_is_tried_ten_times_ever_more_slowly_then_given_up(
    where: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(message: mail.EmailMessage) -> int:
        raise smtplib.SMTPServerDisconnected("canary")

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    row, pauses = owed(where), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        while row.parked_at is None:
            before = timezone.now()
            assert notifications.send_due() == 0
            row.refresh_from_db()
            pauses.append((row.due_at - before) // MINUTE)
            clock.move_to(max(row.due_at, before))
    assert pauses[:-1] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert (row.attempts, row.last_error) == (10, "SMTPServerDisconnected")
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.com": (550, b"a@example.com")}), "SMTP 550"),
        (smtplib.SMTPRecipientsRefused({}), "SMTPRecipientsRefused"),
        (smtplib.SMTPAuthenticationError(535, b"a@example.com"), "SMTP 535"),
        (TimeoutError("a@example.com"), "TimeoutError"),
    ],
)
def test_error_code_repeats_no_address(error: OSError, code: str) -> None:
    assert notifications.error_code(error) == code


def test_no_other_module_sends_mail() -> None:
    words = ("EmailMessage(", "send_mail(", "mail_admins(", "EmailMultiAlternatives(")
    apps = ("articles", "clinic", "consults", "locations")
    files = [file for app in apps for file in Path(site.BASE_DIR, app).rglob("*.py")]
    senders = {file.name for file in files if any(word in file.read_text() for word in words)}
    # staff.py passes on what allauth writes to staff who sign in; no request is near it.
    assert senders == {"notifications.py", "staff.py"}
