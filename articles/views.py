"""The public pages of articles: lists, one article, its people."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from articles import pictures, share, structured_data
from articles.cards import card, cover
from articles.models import (
    Article,
    ArticleQuerySet,
    Person,
    Publication,
    Revision,
    Topic,
    Treatment,
)
from clinic import rows, seo
from clinic.http import is_about, public_page
from clinic.models import SiteText

ARTICLES_ON_A_PAGE = 12
RELATED = 3
WEEK = 7 * 24 * 60 * 60
YEAR = 365 * 24 * 60 * 60
HEADINGS_WORTH_A_CONTENTS_LIST = 3
EVERYTHING = gettext_lazy(
    "Plain-language articles on ketamine: what studies found and compared it with, its risks, its "
    "cost, and how a visit goes."
)

Crumbs = list[tuple[str, str]]


@require_safe
@public_page
def index(request: HttpRequest) -> HttpResponse:
    context = list_context(request, Article.objects.published(), reverse("articles:index"))
    context |= named(_("Articles"), str(EVERYTHING), context["page"])
    context["topics"] = Topic.objects.with_published()
    context |= crumb_context(home_crumbs(), (_("Articles"), reverse("articles:index")))
    return render(request, "articles/index.html", context)


@require_safe
@public_page
def topics(request: HttpRequest) -> HttpResponse:
    context = {
        "topics": Topic.objects.with_published(),
        "section": "articles",
        "canonical": seo.absolute(reverse("articles:topics")),
        **crumb_context(article_crumbs(), (_("Topics"), reverse("articles:topics"))),
    }
    return render(request, "articles/topics.html", context)


@require_safe
@public_page
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    chosen = get_object_or_404(Topic, slug=slug)
    found = Article.objects.published().filter(topic=chosen)
    context = list_context(request, found, chosen.get_absolute_url())
    context["topics"] = Topic.objects.with_published()
    context["topic"] = chosen
    context |= named(seo.title(chosen.name, _("Articles")), chosen.description, context["page"])
    context |= crumb_context(article_crumbs(), (chosen.name, chosen.get_absolute_url()))
    return render(request, "articles/topic.html", context)


@require_safe
@public_page
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """An author or reviewer. Nobody has a page before something of theirs is public."""
    someone = get_object_or_404(Person.objects.with_published(), slug=slug)
    context = list_context(request, Article.objects.by_person(someone), someone.get_absolute_url())
    context["person"] = someone
    about = _("Articles that %(name)s wrote or medically reviewed for this site.")
    context |= named(str(someone), about % {"name": someone}, context["page"])
    context |= crumb_context(article_crumbs(), (str(someone), someone.get_absolute_url()))
    return render(request, "articles/person.html", context)


@require_safe
@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One article, in three queries: the frame, the article with all it names, the related ones."""
    article = Article.objects.published().for_readers().filter(slug=slug).first()
    if article is None:
        return moved(slug)
    context = detail_context(request, article, article.revision)
    # Annotations of for_readers().
    context["corrections"] = rows.read(Publication, article.corrections_beside)  # type: ignore[attr-defined]
    context["other_treatments"] = rows.read(Treatment, article.others_beside)  # type: ignore[attr-defined]
    context["share_card"] = share.card(article, article.revision)
    context["jsonld"] = structured_data.article_page(article, article.revision, context["crumbs"])
    return render(request, "articles/detail.html", context)


def moved(slug: str) -> HttpResponse:
    """The way from an old address to where its article is now. Raises Http404."""
    article = get_object_or_404(Article.objects.published(), old_addresses__slug=slug)
    return HttpResponsePermanentRedirect(article.get_absolute_url())


@require_safe
def share_picture(request: HttpRequest, slug: str) -> HttpResponse:
    """The picture that a shared link shows. Its address carries a version (share.Card.version)."""
    article = get_object_or_404(Article.objects.published().with_revisions(), slug=slug)
    picture = share.card(article, article.revision)
    site_name = SiteText.objects.current().name
    etag = f'"{share.digest(picture.version, site_name)}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or HttpResponse(share.png(picture, site_name), content_type="image/png")
    response["ETag"] = etag
    # Other sites show this one picture.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    # A week, not a year: after that, what was withdrawn is gone from every cache.
    is_newest = request.GET.get("v") == picture.version
    patch_cache_control(response, public=True, max_age=WEEK if is_newest else 60)
    return response


@require_safe
@cache_control(public=True, max_age=YEAR, immutable=True)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """One file of a picture. Its name changes with what is in it."""
    found = pictures.stored(name)
    if found is None:
        raise Http404
    content, kind = found
    return HttpResponse(content, content_type=kind)


def list_context(request: HttpRequest, found: ArticleQuerySet, path: str) -> dict[str, Any]:
    """One page of a list. A page number that makes no sense shows the nearest page that exists."""
    paginator = Paginator(found.with_revisions(), ARTICLES_ON_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    query = f"?page={page.number}" if page.number > 1 else ""
    return {
        "cards": [card(article) for article in page],
        "page": page,
        "pages": list(paginator.get_elided_page_range(page.number)),
        "section": "articles",
        "canonical": seo.absolute(path + query),
    }


def named(title: str, description: str, page: Page[Article]) -> dict[str, str]:
    """Title and description of one page of a list: no two pages have the same."""
    if page.number > 1:
        title = _("%(title)s, page %(number)s") % {"title": title, "number": page.number}
        words = {"text": description, "number": page.number}
        description = _("Page %(number)s. %(text)s") % words
    return {"title": title, "description": seo.description(description)}


def detail_context(request: HttpRequest, article: Article, revision: Revision) -> dict[str, Any]:
    is_about(request, revision.main_treatment_id)
    contents = [entry for entry in revision.rendered["toc"] if entry["level"] == 2]
    related = Article.objects.related_to(article).with_revisions()[:RELATED]
    return {
        "article": article,
        "revision": revision,
        "printed": revision.rendered,
        "contents": contents if len(contents) >= HEADINGS_WORTH_A_CONTENTS_LIST else [],
        "cover": cover(article),
        "related": [card(other) for other in related],
        "crumbs": [*article_crumbs(), (article.topic.name, article.topic.get_absolute_url())],
        "section": "articles",
        "canonical": seo.absolute(article.get_absolute_url()),
        "consult_url": f"{reverse('consults:request')}?from={article.slug}",
    }


def draft_context(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    """The page of a revision that readers do not see."""
    article = revision.article
    return detail_context(request, article, revision) | {
        "preview": True,
        "canonical": "",
        "corrections": article.publications.corrections() if article.pk else (),
        "other_treatments": revision.others(),
    }


def crumb_context(crumbs: Crumbs, here: tuple[str, str]) -> dict[str, Any]:
    """The breadcrumbs of a list, for readers and as data."""
    return {"crumbs": crumbs, "jsonld": seo.json_ld(seo.breadcrumb_list(crumbs, here))}


def home_crumbs() -> Crumbs:
    return [(_("Home"), reverse("home"))]


def article_crumbs() -> Crumbs:
    return [*home_crumbs(), (_("Articles"), reverse("articles:index"))]
