"""WordPress exports for tests, written as WordPress writes them."""

from html import escape

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old</title><link>{site}</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{network}</wp:base_site_url><wp:base_blog_url>{site}</wp:base_blog_url>
{authors}"""
SITE = "https://old.example.com"
WORDS = "These are the words of a post that somebody wrote for readers of the former site."


def cdata(words: str) -> str:
    """WordPress splits what would end it."""
    return f"<![CDATA[{words.replace(']]>', ']]]]><![CDATA[>')}]]>"


def author(login: str, shown: str) -> str:
    return (
        f"<wp:author><wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_display_name>{cdata(shown)}</wp:author_display_name></wp:author>"
    )


def term(domain: str, slug: str, name: str) -> str:
    return f'<category domain="{domain}" nicename="{escape(slug)}">{cdata(name)}</category>'


def item(
    number: int,
    body: str = WORDS,
    *,
    title: str = "A post",
    slug: str | None = None,
    link: str | None = None,
    kind: str = "post",
    status: str = "publish",
    date: str = "2020-05-02 14:30:00",
    creator: str = "robin",
    parent: int = 0,
    file: str = "",
    terms: str = "",
    more: str = "",
    meta: tuple[tuple[str, str], ...] = (),
) -> str:
    slug = f"post-{number}" if slug is None else slug
    link = f"{SITE}/{slug}/" if link is None else link
    rows = "".join(
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key>"
        f"<wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
        for key, value in meta
    )
    attached = f"<wp:attachment_url>{cdata(file)}</wp:attachment_url>" if file else ""
    return (
        f"<item><title>{cdata(title)}</title><link>{escape(link)}</link>"
        f"<dc:creator>{cdata(creator)}</dc:creator><content:encoded>{cdata(body)}</content:encoded>"
        f"<excerpt:encoded>{cdata('')}</excerpt:encoded><wp:post_id>{number}</wp:post_id>"
        f"<wp:post_date_gmt>{cdata(date)}</wp:post_date_gmt>"
        f"<wp:post_name>{cdata(slug)}</wp:post_name><wp:status>{status}</wp:status>"
        f"<wp:post_parent>{parent}</wp:post_parent><wp:post_type>{cdata(kind)}</wp:post_type>"
        f"{attached}{terms}{rows}{more}</item>\n"
    )


def export(*items: str, site: str = SITE, network: str = SITE, authors: str = "") -> bytes:
    head = HEAD.format(site=site, network=network, authors=authors or author("robin", "Robin Lee"))
    return f"{head}{''.join(items)}</channel></rss>".encode()
