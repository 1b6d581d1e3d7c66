"""The starter content: whole, loaded once, and never over an editor's work."""

import pytest
from django.test import Client

from articles.importers.starter import (
    FOLDER,
    load_starter,
    publish_samples,
    read_references,
)
from articles.models import Article, Reference, Topic, Treatment
from tests import build
from tests.articles import build as articles

pytestmark = pytest.mark.django_db


def test_load_brings_ten_drafts_with_their_sources() -> None:
    assert load_starter() == 10
    assert Article.objects.count() == 10
    assert Article.objects.never_published().count() == 10
    assert Topic.objects.count() == 4
    assert Reference.objects.count() == len(read_references())
    assert sorted(Treatment.objects.values_list("slug", flat=True)) == [
        "compounded-ketamine",
        "iv-ketamine",
        "spravato",
    ]
    for article in Article.objects.all():
        revision = article.revisions.get()
        assert revision.rendered["references"], article.slug
        assert revision.questions, article.slug
        assert revision.main_treatment is not None, article.slug
        assert 900 <= revision.rendered["words"] <= 1_800, article.slug


def test_load_twice_changes_nothing_an_editor_changed() -> None:
    load_starter()
    Topic.objects.filter(slug="depression").update(name="Renamed")
    Reference.objects.filter(key="fda2023").update(title="Retitled")
    Treatment.objects.filter(slug="spravato").update(statement="Restated")
    article = Article.objects.all()[0]
    article.save_revision(None, **articles.text(title="Rewritten"))

    assert load_starter() == 0
    assert Topic.objects.get(slug="depression").name == "Renamed"
    assert Reference.objects.get(key="fda2023").title == "Retitled"
    assert Treatment.objects.get(slug="spravato").statement == "Restated"
    assert article.revisions.latest().title == "Rewritten"


def test_unconfirmed_details_are_kept_off_the_page() -> None:
    load_starter()
    zarate = Reference.objects.get(key="zarate2006")
    assert (zarate.volume, zarate.pages, zarate.doi) == ("", "", "")
    assert zarate.to_confirm == ("volume: 63(8)\npages: 856-864\ndoi: 10.1001/archpsyc.63.8.856")
    rows = Reference.objects.by_key([entry["key"] for entry in read_references()])
    printed = str([article.revisions.get().rendered for article in Article.objects.all()])
    for entry in read_references():
        for name, status in (("pages", "vol_pages_status"), ("doi", "doi_status")):
            if entry.get(status) == "confirm":
                assert getattr(rows[entry["key"]], name) == "", entry["key"]
        if "unverified_detail" in entry:
            assert entry["unverified_detail"] not in printed
        if entry.get("url", "-") not in entry["seen_at"]:
            assert entry["seen_at"] not in printed, entry["key"]


def test_treatments_are_verified_by_nobody_yet() -> None:
    load_starter()
    assert not Treatment.objects.exclude(verified_by="", verified_on=None).exists()


def test_every_file_is_an_article() -> None:
    load_starter()
    files = {path.stem for path in FOLDER.glob("*.md")}
    assert files == set(Article.objects.values_list("slug", flat=True))


def test_samples_are_live_signed_and_marked(client: Client) -> None:
    build.site_text()
    load_starter()
    editor, reviewer = build.user("Editor"), build.user("Medical reviewer")

    assert publish_samples(editor, reviewer) == 10
    assert publish_samples(editor, reviewer) == 0
    published = list(Article.objects.published().with_revisions())
    assert len({article.published_at for article in published}) == 10
    for article in published:
        revision = article.revision
        assert revision.author is not None
        assert revision.author.is_sample
        assert revision.reviewer is not None
        assert revision.reviewer.is_sample
        assert revision.is_approved()
        page = client.get(article.get_absolute_url())
        assert page.status_code == 200
        assert "Sample" in page.content.decode()


def test_links_between_starter_articles_lead_somewhere(client: Client) -> None:
    """Also their links to other pages of this site."""
    build.site_text()
    load_starter()
    publish_samples(build.user("Editor"), build.user("Medical reviewer"))
    links = set()
    for article in Article.objects.published().with_revisions():
        for part in article.revision.rendered["body"].split('href="/')[1:]:
            links.add("/" + part.split('"')[0].split("#")[0])
    assert links
    broken = [link for link in links if client.get(link).status_code != 200]
    assert broken == []
