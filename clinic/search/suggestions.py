"""Pages for a query that is still being typed: its last word is taken for a beginning.

The page of results lists the same where it has nothing else, for those without JavaScript.
"""

from collections.abc import Sequence
from dataclasses import replace

from clinic.models import SearchWord
from clinic.search import full_text
from clinic.search.find import fields_of, shown
from clinic.search.full_text import TITLE, TOP, Ask
from clinic.search.query import LONGEST_QUERY, Term, Word, read, terms_of, weigh
from clinic.search.ranking import rank
from clinic.search.spelling import mend

MOST = 6
COMPLETIONS = 20
SHORTEST = 2


def suggest(text: str) -> list[dict[str, str]]:
    """Up to six pages, each with its title, kind and address; any text is a query."""
    words = read(text[:LONGEST_QUERY])
    if sum(len(word.folded) for word in words) < SHORTEST:
        return []
    if found := pages_for(words):
        return found
    mended = mend(words)
    return pages_for(mended) if mended != words else []


def pages_for(words: Sequence[Word]) -> list[dict[str, str]]:
    *before, last = terms_of(words)
    terms = weigh([*before, completed(last, words[-1].folded)])
    found = full_text.entries(Ask(zone, terms, MOST * 2) for zone in (TITLE, TOP))
    ranked = [hit for hit in rank(fields_of(found), terms) if hit.has_all]
    return [
        {"title": hit.title, "kind": hit.kind, "url": hit.url}
        for hit in shown(ranked[:MOST], terms)
    ]


def completed(term: Term, beginning: str) -> Term:
    """The term with the commonest words that it may be the beginning of."""
    rows = SearchWord.objects.filter(word__startswith=beginning).order_by("-uses", "word")
    stems = {(row,) for row in rows.values_list("stem", flat=True)[:COMPLETIONS]}
    return replace(term, others=tuple(sorted({*term.others, *stems} - {term.typed})))
