"""Mail that is refused, stalled, objected to, cut off: sent in the end, and never in the way."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.cluster import Cluster
from tests.faults.postbox import Mail, Postbox, die, hang
from tests.faults.site import Site
from tests.faults.visitor import Ask, Visitor

Measured = Callable[[str, object], None]
BOTH = ["confirmation", "staff_notice"]


@pytest.fixture
def site(postgres_site: Site, postbox: Postbox) -> Iterator[Site]:
    """Owes nothing from before, and has no worker yet."""
    postgres_site.sql("DELETE FROM consults_outbox")
    yield postgres_site
    postgres_site.kill_worker()


def owed(site: Site, ask: Ask) -> dict[str, dict[str, Any]]:
    """The mails of one request by kind: attempts, last error, whether sent or given up."""
    (request,) = site.rows_of(ask.marker)
    rows = site.sql(
        "SELECT kind, attempts, last_error, sent_at IS NOT NULL, parked_at IS NOT NULL "
        "FROM consults_outbox WHERE request_id = %s",
        request,
    )
    names = ("attempts", "error", "sent", "parked")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def let_time_pass(site: Site) -> None:
    """Stands in for the minutes until the next attempt, and until a dead worker's lease ends."""
    site.sql(
        "UPDATE consults_outbox SET due_at = now() - interval '1 minute', "
        "leased_until = CASE WHEN leased_until IS NULL THEN NULL "
        "ELSE now() - interval '1 minute' END WHERE sent_at IS NULL AND parked_at IS NULL"
    )


def ids(mails: list[Mail]) -> list[str]:
    return [mail.message["Message-ID"] for mail in mails]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ({"RCPT": "450 try later"}, "SMTP 450"),
        ({"RCPT": "550 nobody here"}, "SMTP 550"),
        ({"CONNECT": "421 busy"}, "SMTP 421"),
        ({"END": "451 try later"}, "SMTP 451"),
        ({"DATA": die}, "SMTPServerDisconnected"),
        ({"END": die}, "SMTPServerDisconnected"),
        ({"CONNECT": hang}, "SMTPServerDisconnected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_mail_server_in_trouble_never_shows_and_mail_goes_in_the_end(
    trouble: dict[str, Any], code: str, site: Site, postbox: Postbox
) -> None:
    postbox.script = trouble
    site.start_worker()
    ask = Visitor(site).ask()
    assert ask.answers[0].is_success
    assert ask.answers[0].seconds < 2
    wait_until(lambda: all(mail["error"] for mail in owed(site, ask).values()), seconds=60)
    assert {mail["error"] for mail in owed(site, ask).values()} == {code}
    seen_before = len(postbox.accepted)
    postbox.script = {}
    let_time_pass(site)
    postbox.wait_for(seen_before + 2)
    wait_until(lambda: all(mail["sent"] for mail in owed(site, ask).values()))
    assert sorted(owed(site, ask)) == BOTH
    # Where the server took a mail without saying so, the second copy has the same id.
    assert len(set(ids(postbox.accepted))) == 2


def test_mail_server_away_never_shows_and_mail_goes_in_the_end(
    site: Site, postbox: Postbox
) -> None:
    postbox.close()
    site.start_worker()
    ask = Visitor(site).ask()
    assert ask.answers[0].is_success
    wait_until(lambda: all(mail["error"] for mail in owed(site, ask).values()))
    postbox.open()
    let_time_pass(site)
    assert sorted(mail.recipients[0] for mail in postbox.wait_for(2)) == [
        "desk@example.com",
        ask.fields["email"],
    ]


def test_worker_killed_between_commit_and_send_loses_no_mail(
    site: Site, postbox: Postbox, measured: Measured
) -> None:
    postbox.script = {"CONNECT": lambda connection: site.kill_worker()}
    site.start_worker()
    ask = Visitor(site).ask()
    wait_until(lambda: site.worker is None)
    assert [mail["sent"] for mail in owed(site, ask).values()] == [False, False]
    postbox.script = {}
    let_time_pass(site)
    site.start_worker()
    mails = postbox.wait_for(2)
    measured(
        "Worker killed between commit and send",
        f"mails owed 2, mails taken {len(mails)}, lost 0",
    )
    assert len(set(ids(mails))) == 2


def test_worker_killed_between_the_servers_yes_and_our_mark_sends_the_same_mail_again(
    cluster: Cluster, site: Site, postbox: Postbox, measured: Measured
) -> None:
    """The database freezes as the server says yes: the worker can read it and mark nothing."""
    is_frozen: list[bool] = []

    def freeze(mail: Mail) -> None:
        if not is_frozen:
            is_frozen.append(True)
            cluster.freeze()

    postbox.before_yes = freeze
    ask = Visitor(site).ask()
    site.start_worker()
    try:
        postbox.wait_for(1, seconds=40)
        time.sleep(0.5)  # it has read the yes by now and waits for the database
        site.kill_worker()
    finally:
        cluster.thaw()
    assert [mail["sent"] for mail in owed(site, ask).values()] == [False, False]
    let_time_pass(site)
    site.start_worker()
    mails = postbox.wait_for(3)
    wait_until(lambda: all(mail["sent"] for mail in owed(site, ask).values()))
    assert len(set(ids(mails))) == 2
    twice = [mail for mail in mails if mail.message["Message-ID"] == ids(mails)[0]]
    assert len(twice) == 2
    assert twice[0].message.get_payload() == twice[1].message.get_payload()
    measured(
        "Worker killed between the server's yes and our mark",
        f"mails owed 2, mails taken {len(mails)}, of which with one Message-ID 2, lost 0",
    )


def test_mail_that_cannot_be_written_is_given_up_and_holds_nobody_up(
    site: Site, postbox: Postbox
) -> None:
    poison, sound = (Visitor(site).ask() for _person in range(2))
    (request,) = site.rows_of(poison.marker)
    site.sql(
        "UPDATE consults_consultrequest SET email_sealed = %s WHERE id = %s", b"\x01junk", request
    )
    site.start_worker()
    postbox.wait_for(3)
    wait_until(lambda: owed(site, poison)["confirmation"]["parked"])
    assert owed(site, poison)["confirmation"]["error"] == "CannotOpen"
    wait_until(lambda: all(mail["sent"] for mail in owed(site, sound).values()))
    assert owed(site, poison)["staff_notice"]["sent"]


def test_mail_that_kills_its_worker_is_given_up(site: Site, postbox: Postbox) -> None:
    ask = Visitor(site).ask()
    # Nine workers have died of it already.
    site.sql("UPDATE consults_outbox SET attempts = 9 WHERE kind = 'confirmation'")
    site.sql("UPDATE consults_outbox SET sent_at = now() WHERE kind = 'staff_notice'")
    postbox.script = {"CONNECT": lambda connection: site.kill_worker()}
    site.start_worker()
    wait_until(lambda: site.worker is None)
    postbox.script = {}
    let_time_pass(site)
    site.start_worker()
    wait_until(lambda: owed(site, ask)["confirmation"]["parked"])
    assert owed(site, ask)["confirmation"]["error"] == "worker-died"
    assert postbox.accepted == []
