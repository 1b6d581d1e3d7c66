"""Where the links of a former site lead now."""

from collections.abc import Callable
from urllib.parse import parse_qs, urljoin, urlsplit

from articles.origins import normalised

SCHEMES = {"http", "https", "mailto", "tel", "sms"}
NUMBERED = ("p", "page_id", "post")
# The same post, in another dress.
DRESSES = ("amp", "feed", "trackback", "embed", "print")


def host(address: str) -> str:
    """Without www, as both led to the same site."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


class FormerSite:
    """Its address, and which article each of its paths and numbers became."""

    def __init__(self, site: str) -> None:
        self.site, self.host = site, host(site)
        self.by_path: dict[str, str] = {}
        self.by_number: dict[str, str] = {}

    def whole(self, address: str) -> str:
        """The address with its host; as it was where it is none."""
        try:
            return urljoin(f"{self.site}/", address)
        except ValueError:
            return address

    def lead(self, address: str, note: Callable[[str], None]) -> str:
        """To the article where that comes along too; else as it was, or "" if it leads nowhere."""
        try:
            whole = urljoin(f"{self.site}/", address)
            parts = urlsplit(whole)
        except ValueError:
            note(f"left out: a link to {address[:160]}, which is no address")
            return ""
        if parts.scheme not in SCHEMES:
            note(f"left out: a link to {address[:160]}")
            return ""
        if parts.scheme not in {"http", "https"} or host(whole) != self.host:
            return whole
        target = self.article(parts.path, parts.query)
        if not target:
            note(f"a link to the former site, where nothing may be soon: {whole[:300]}")
        return target or whole

    def article(self, path: str, query: str) -> str:
        named = parse_qs(query, max_num_fields=50) if query.count("&") < 50 else {}
        for name in NUMBERED:
            for number in named.get(name, []):
                if number in self.by_number:
                    return self.by_number[number]
        wanted = normalised(path)
        if wanted in self.by_path:
            return self.by_path[wanted]
        before, _slash, last = wanted.rpartition("/")
        if last in DRESSES or last.isdigit() or last.startswith("comment-page-"):
            return self.by_path.get(before, "")
        return ""
