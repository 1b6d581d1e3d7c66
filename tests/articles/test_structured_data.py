"""What machines read of an article: what its page says, and nothing it does not say."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from articles.models import Article
from tests import build
from tests.articles import build as articles
from tests.pages import Page, words_for_readers

pytestmark = pytest.mark.django_db

HOSTILE = 'Ends </script><script>alert("1")</script><!-- & all'


@pytest.fixture(autouse=True)
def _site_text() -> None:
    build.site_text()


def full_article(**values: Any) -> Article:
    articles.reference("bmj2019", authors="Smith A", title="A trial", journal="BMJ", year=2019)
    defaults = {
        "slug": "full",
        "title": "How long a lift lasts",
        "main_treatment": articles.treatment(name="IV ketamine"),
        "author": articles.person(name="Ann Author"),
        "reviewer": articles.person(name="Rae Reviewer"),
        "reviewed_on": dt.date(2026, 3, 1),
        "summary": "It is *off-label* [@fda2023].",
        "questions": [
            {"question": "Will I be asleep?", "answer": "Usually not [@bmj2019]. **Ask** us."},
            {"question": "Is it “free”?", "answer": "No:\n\n* see [the FDA](https://www.fda.gov/)"},
        ],
    }
    return articles.published(**(defaults | values))


def test_article_words_for_machines_are_on_the_page(client: Client) -> None:
    page = Page(client, full_article().get_absolute_url())
    words = [text for node in page.json_ld() for text in words_for_readers(node)]
    assert len(words) > 12
    assert [text for text in words if text not in page.text] == []


def test_article_web_page_names_who_when_and_from_what(client: Client) -> None:
    article = full_article()
    page = Page(client, "/articles/full/")
    node = page.node("MedicalWebPage")
    assert article.published_at
    assert node["name"] == "How long a lift lasts"
    assert node["author"]["name"] == "Ann Author"
    assert node["author"]["honorificSuffix"] == "MD"
    assert node["reviewedBy"]["name"] == "Rae Reviewer"
    assert node["lastReviewed"] == "2026-03-01"
    assert node["datePublished"] == article.published_at.isoformat()
    assert node["dateModified"] == article.published_at.isoformat()
    assert node["about"] == {"@type": "MedicalTherapy", "name": "IV ketamine"}
    assert node["citation"] == ["FDA. A warning. Notices, 2023.", "Smith A. A trial. BMJ, 2019."]
    assert node["image"] == page.meta("og:image")
    assert node["url"] == page.meta("og:url")


def test_article_questions_are_those_of_the_page(client: Client) -> None:
    full_article()
    asked = Page(client, "/articles/full/").node("FAQPage")["mainEntity"]
    assert [(entry["name"], entry["acceptedAnswer"]["text"]) for entry in asked] == [
        ("Will I be asleep?", "Usually not. Ask us."),
        ("Is it “free”?", "No: see the FDA"),
    ]


def test_article_breadcrumbs_are_those_of_the_page(client: Client) -> None:
    article = full_article()
    items = Page(client, "/articles/full/").node("BreadcrumbList")["itemListElement"]
    names = ["Home", "Articles", article.topic.name, "How long a lift lasts"]
    assert [item["name"] for item in items] == names


def test_article_without_people_treatment_or_questions_leaves_them_out(client: Client) -> None:
    articles.live(slug="bare", questions=[], author=None, reviewer=None)
    page = Page(client, "/articles/bare/")
    assert [node["@type"] for node in page.json_ld()] == ["MedicalWebPage", "BreadcrumbList"]
    left_out = {"author", "reviewedBy", "lastReviewed", "about"}
    assert left_out & set(page.node("MedicalWebPage")) == set()


def test_article_of_invented_people_names_none_to_machines(client: Client) -> None:
    full_article(author=articles.person(is_sample=True), reviewer=articles.person(is_sample=True))
    node = Page(client, "/articles/full/").node("MedicalWebPage")
    assert {"author", "reviewedBy", "lastReviewed"} & set(node) == set()


def test_article_hostile_title_stays_text_everywhere(client: Client) -> None:
    articles.live(slug="full", title=HOSTILE, questions=[{"question": HOSTILE, "answer": HOSTILE}])
    page = Page(client, "/articles/full/")
    assert page.node("MedicalWebPage")["name"] == HOSTILE
    assert page.meta("og:title") == HOSTILE
    assert HOSTILE in page.text
    # The site's own script, and one element of data.
    assert page.html.count("<script") == page.html.count("</script>") == 2
    assert "<!--" not in page.html


def test_lists_tell_machines_their_breadcrumbs(client: Client) -> None:
    article = full_article()
    author = article.revision.author
    assert author
    paths = {
        "/articles/": ["Home", "Articles"],
        "/articles/topics/": ["Home", "Articles", "Topics"],
        article.topic.get_absolute_url(): ["Home", "Articles", article.topic.name],
        author.get_absolute_url(): ["Home", "Articles", "Ann Author, MD"],
    }
    for path, names in paths.items():
        page = Page(client, path)
        items = page.node("BreadcrumbList")["itemListElement"]
        assert [item["name"] for item in items] == names
        assert [name for name in names if name not in page.text] == []


def test_no_page_claims_a_rating(client: Client) -> None:
    full_article()
    for path in ("/", "/articles/", "/articles/full/"):
        assert "ating" not in str([list(node) for node in Page(client, path).json_ld()])


# --- What a shared link shows -------------------------------------------------------------------


def test_article_shared_link_shows_what_the_page_shows(client: Client) -> None:
    article = full_article()
    page = Page(client, "/articles/full/")
    assert article.published_at
    assert page.meta("og:type") == "article"
    assert page.meta("og:title") == "How long a lift lasts"
    assert f"<h1>{page.meta('og:title')}</h1>" in page.html
    assert page.meta("og:description") == page.meta("description")
    assert f'<link rel="canonical" href="{page.meta("og:url")}">' in page.html
    assert page.meta("og:site_name") == "Sample Clinics"
    published = page.meta("article:published_time") or ""
    assert dt.datetime.fromisoformat(published) == article.published_at
    assert (page.meta("og:image:width"), page.meta("og:image:height")) == ("1200", "630")
    assert page.meta("og:image:alt") == (
        "The title “How long a lift lasts” beside a drawing of hills and a light."
    )
    assert page.meta("twitter:card") == "summary_large_image"


@pytest.mark.parametrize("path", ["/", "/articles/", "/about/", "/locations/here/", "/services/"])
def test_other_page_shared_link_shows_title_description_and_a_quiet_picture(
    client: Client, path: str
) -> None:
    build.location(slug="here")
    page = Page(client, path)
    assert page.meta("og:type") == "website"
    assert page.meta("og:title") == page.title
    assert page.meta("og:description") == page.meta("description")
    assert f'<link rel="canonical" href="{page.meta("og:url")}">' in page.html
    assert page.meta("og:image") == "http://127.0.0.1:8000/static/img/share.png"


def test_quiet_picture_is_of_the_size_that_is_promised() -> None:
    with Image.open(settings.BASE_DIR / "static/img/share.png") as picture:
        assert picture.size == (1200, 630)
