"""An article as structured data, from the same objects that its page prints."""

from typing import Any

from django.utils.safestring import SafeString

from articles.models import Article, Person, Revision
from clinic import seo


def article_page(article: Article, revision: Revision, crumbs: list[tuple[str, str]]) -> SafeString:
    here = (revision.title, article.get_absolute_url())
    nodes = [web_page(article, revision), seo.breadcrumb_list(crumbs, here)]
    if revision.rendered["questions"]:
        nodes.append(faq_page(article, revision))
    return seo.json_ld({"@graph": nodes})


def web_page(article: Article, revision: Revision) -> dict[str, Any]:
    """What is blank on the page is left out here too."""
    url = seo.absolute(article.get_absolute_url())
    updated = article.updated_at or article.published_at
    node = {
        "@type": "MedicalWebPage",
        "@id": url,
        "url": url,
        "name": revision.title,
        "description": revision.description,
        "inLanguage": "en",
        "datePublished": article.published_at and article.published_at.isoformat(),
        "dateModified": updated and updated.isoformat(),
        "author": named(revision.author),
        "reviewedBy": named(revision.reviewer),
        "lastReviewed": revision.reviewed_on and revision.reviewed_on.isoformat(),
        "citation": [entry["text"] for entry in revision.rendered["references"]],
    }
    return {name: value for name, value in node.items() if value}


def named(person: Person | None) -> dict[str, str] | None:
    if person is None:
        return None
    return {
        "@type": "Person",
        "name": person.name,
        "honorificSuffix": person.credentials,
        "url": seo.absolute(person.get_absolute_url()),
    }


def faq_page(article: Article, revision: Revision) -> dict[str, Any]:
    return {
        "@type": "FAQPage",
        "@id": seo.absolute(f"{article.get_absolute_url()}#questions"),
        "mainEntity": [
            {
                "@type": "Question",
                "name": entry["question"],
                "acceptedAnswer": {"@type": "Answer", "text": entry["answer_text"]},
            }
            for entry in revision.rendered["questions"]
        ],
    }
