"""The words of the site: looked at before they are saved, and never lost."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from clinic.models import SiteText
from tests import build

pytestmark = pytest.mark.django_db

LIST = "/admin/clinic/sitetext/"


@pytest.fixture
def editor_of_texts(client: Client) -> Client:
    client.force_login(build.user("Site administrator", username="admin"))
    return client


def typed(**values: str) -> dict[str, str]:
    return {"name": "Porch Clinics", "mail_sender": "Front desk", **values}


def change(texts: SiteText) -> str:
    return reverse("admin:clinic_sitetext_change", args=[texts.pk])


def restore(texts: SiteText) -> str:
    return reverse("admin:clinic_sitetext_restore", args=[texts.pk])


def test_preview_of_home_shows_what_was_typed_and_saves_nothing(editor_of_texts: Client) -> None:
    texts = build.site_text(name="Before", hero_title="Old words")
    data = typed(hero_title="New words", tagline="Still on", _preview="home")
    html = editor_of_texts.post(change(texts), data).content.decode()
    assert '<h1 id="hero">New words</h1>' in html
    assert "<title>Porch Clinics</title>" in html
    assert "Still on" in html
    assert "Preview: nothing of this is saved." in html
    assert "Old words" not in html
    assert SiteText.objects.get().hero_title == "Old words"
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("about", "about"),
        ("privacy", "privacy_practices"),
        ("accessibility", "accessibility"),
        ("nondiscrimination", "nondiscrimination"),
    ],
)
def test_preview_of_a_text_page_shows_its_markdown(
    editor_of_texts: Client, page: str, field: str
) -> None:
    texts = build.site_text()
    data = typed(**{field: "## A heading\n\nWords <script>.", "_preview": page})
    html = editor_of_texts.post(change(texts), data).content.decode()
    assert "<h2>A heading</h2>" in html
    assert "Words &lt;script&gt;." in html
    assert SiteText.objects.count() == 1


def test_preview_is_told_to_no_machine_and_kept_by_no_cache(editor_of_texts: Client) -> None:
    texts = build.site_text()
    response = editor_of_texts.post(change(texts), typed(_preview="home"))
    html = response.content.decode()
    for words in ("canonical", "og:title", "ld+json"):
        assert words not in html
    assert "no-store" in response["Cache-Control"]


def test_preview_of_texts_with_a_mistake_shows_the_form_with_everything_typed(
    editor_of_texts: Client,
) -> None:
    texts = build.site_text()
    response = editor_of_texts.post(change(texts), typed(name="", about="Kept", _preview="home"))
    html = response.content.decode()
    assert "This field is required." in html
    assert "Kept" in html
    assert SiteText.objects.count() == 1


def test_description_too_short_for_search_engines_is_refused(editor_of_texts: Client) -> None:
    texts = build.site_text()
    html = editor_of_texts.post(change(texts), typed(description="Short.")).content.decode()
    assert "at least 50 characters, for example: " in html
    assert SiteText.objects.count() == 1


def test_preview_of_an_unknown_page_is_home(editor_of_texts: Client) -> None:
    texts = build.site_text()
    data = typed(hero_title="New words", _preview="../../etc")
    assert "New words" in editor_of_texts.post(change(texts), data).content.decode()


def test_preview_of_the_first_texts_works_before_any_is_saved(editor_of_texts: Client) -> None:
    data = typed(hero_title="First words", _preview="home")
    html = editor_of_texts.post(f"{LIST}add/", data).content.decode()
    assert "First words" in html
    assert not SiteText.objects.exists()


def test_preview_asks_for_the_permission_to_change(client: Client) -> None:
    client.force_login(build.user("Editor"))
    texts = build.site_text()
    assert client.post(change(texts), typed(_preview="home")).status_code == 403


def test_form_offers_previews_and_an_old_revision_offers_to_restore(
    editor_of_texts: Client,
) -> None:
    old, new = build.site_text(), build.site_text()
    newest = editor_of_texts.get(change(new)).content.decode()
    earlier = editor_of_texts.get(change(old)).content.decode()
    assert newest.count('name="_preview"') == 5
    assert newest.index('name="_save"') < newest.index('name="_preview"')
    assert restore(new) not in newest
    assert 'name="_preview"' not in earlier
    assert f'formaction="{restore(old)}"' in earlier


def test_restoring_adds_the_old_texts_as_the_newest_revision(editor_of_texts: Client) -> None:
    old = build.site_text(name="Old name", about="Old words")
    build.site_text(name="New name")
    response = editor_of_texts.post(restore(old), follow=True)
    assert "are in force again" in response.content.decode()
    names = list(SiteText.objects.order_by("pk").values_list("name", flat=True))
    assert names == ["Old name", "New name", "Old name"]
    current = SiteText.objects.current()
    assert current.about == "Old words"
    assert current.saved_by is not None
    assert current.saved_by.username == "admin"
    assert "Old name" in editor_of_texts.get("/").content.decode()
    assert LogEntry.objects.get().object_id == str(current.pk)


def test_restoring_asks_for_the_permission_to_change(client: Client) -> None:
    old = build.site_text()
    build.site_text(name="New name")
    client.force_login(build.user("Editor"))
    assert client.post(restore(old)).status_code == 403
    assert SiteText.objects.count() == 2


def test_restoring_takes_a_post_only(editor_of_texts: Client) -> None:
    assert editor_of_texts.get(restore(build.site_text())).status_code == 405


def test_restoring_what_is_not_there_is_not_found(editor_of_texts: Client) -> None:
    url = reverse("admin:clinic_sitetext_restore", args=[999])
    assert editor_of_texts.post(url).status_code == 404


def test_blank_texts_leave_nothing_behind(client: Client) -> None:
    build.site_text(name="Porch Clinics")
    home = client.get("/").content.decode()
    assert '<h1 id="hero">Porch Clinics</h1>' in home
    assert 'class="lead"' not in home
    assert '<meta name="description"' not in home
    assert "<b>Porch Clinics</b></span></a>" in home
    for path in ("/about/", "/accessibility/", "/nondiscrimination/", "/privacy/"):
        html = client.get(path).content.decode()
        assert '<div class="text prose"></div>' not in html
        assert 'id="practices"' not in html
