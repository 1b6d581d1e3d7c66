"""The newest articles as Atom and RSS."""

import datetime as dt
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from articles.models import Article
from clinic import seo
from clinic.models import SiteText

ENTRIES = 20


class WholeTexts(Atom1Feed):
    """Atom with the text of each article, whose own links lead back to its page."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        attributes = {"type": "html", "xml:base": item["link"]}
        handler.addQuickElement("content", item["content"], attributes)


class LatestArticles(Feed):
    """Addresses come from SITE_URL, never from the request's Host header."""

    feed_type: type[SyndicationFeed] = WholeTexts
    url_name = "articles:feed"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> SiteText:
        return SiteText.objects.current()

    def title(self, site: SiteText) -> str:
        return _("Articles of %(site)s") % {"site": site.name} if site.name else _("Articles")

    def link(self) -> str:
        return seo.absolute(reverse("articles:index"))

    def feed_url(self) -> str:
        return seo.absolute(reverse(self.url_name))

    def subtitle(self, site: SiteText) -> str:
        return site.description

    description = subtitle

    def author_name(self, site: SiteText) -> str:
        """Who answers for an article that names nobody. Atom asks for one."""
        return site.name or _("Front desk")

    def items(self) -> list[Article]:
        return list(Article.objects.published().with_revisions()[:ENTRIES])

    def item_title(self, item: Article) -> str:
        return item.revision.title

    def item_description(self, item: Article) -> str:
        return item.revision.description

    def item_link(self, item: Article) -> str:
        return seo.absolute(item.get_absolute_url())

    def item_author_name(self, item: Article) -> str | None:
        author = item.revision.author
        return str(author) if author else None

    def item_pubdate(self, item: Article) -> dt.datetime | None:
        return item.published_at

    def item_updateddate(self, item: Article) -> dt.datetime | None:
        return item.updated_at

    def item_extra_kwargs(self, item: Article) -> dict[str, Any]:
        printed = item.revision.rendered
        return {"content": printed["summary"] + printed["body"]}

    def item_categories(self, item: Article) -> list[str]:
        return [item.topic.name]


class LatestArticlesRss(LatestArticles):
    feed_type: type[SyndicationFeed] = Rss201rev2Feed
    url_name = "articles:feed_rss"


@require_safe
@cache_control(public=True, max_age=60)
def atom(request: HttpRequest) -> HttpResponse:
    return LatestArticles()(request)


@require_safe
@cache_control(public=True, max_age=60)
def rss(request: HttpRequest) -> HttpResponse:
    return LatestArticlesRss()(request)
