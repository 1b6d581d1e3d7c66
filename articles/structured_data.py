"""An article as structured data, from the same objects that its page prints."""

from typing import Any

from django.utils.safestring import SafeString

from articles import share
from articles.models import Article, Person, Revision, Treatment
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
    # Nobody has reviewed a text that was corrected at once.
    reviewer = person(revision.reviewer) if revision.reviewed_on else None
    reviewed_on = revision.reviewed_on if reviewer else None
    node = {
        "@type": "MedicalWebPage",
        "@id": url,
        "url": url,
        "name": revision.title,
        "image": share.card(article, revision).url,
        "inLanguage": "en",
        "isPartOf": {"@id": seo.absolute("/#website")},
        "publisher": {"@id": seo.organization_id()},
        "datePublished": article.published_at and article.published_at.isoformat(),
        "dateModified": updated and updated.isoformat(),
        "author": person(revision.author),
        "reviewedBy": reviewer,
        "lastReviewed": reviewed_on and reviewed_on.isoformat(),
        "about": therapy(revision.main_treatment),
        "citation": [entry["text"] for entry in revision.rendered["references"]],
    }
    return {name: value for name, value in node.items() if value}


def person(someone: Person | None) -> dict[str, str] | None:
    """None for an invented person: readers are told so by the page, machines could not be."""
    if someone is None or someone.is_sample:
        return None
    return {
        "@type": "Person",
        "name": someone.name,
        "honorificSuffix": someone.credentials,
        "url": seo.absolute(someone.get_absolute_url()),
    }


def therapy(treatment: Treatment | None) -> dict[str, str] | None:
    return {"@type": "MedicalTherapy", "name": treatment.name} if treatment else None


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
