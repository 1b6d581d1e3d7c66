"""What base.html says twice in the head of a page: once for search engines, once for sharers."""

from django import template
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import Parser, Token
from django.utils.safestring import SafeString, mark_safe

from clinic import inline, seo

register = template.Library()


@register.filter
def titled(text: str, site_name: str) -> str:
    """A page's title, {{ title|titled:site.name }}: at most 60 characters, the site's name last."""
    return seo.title(text, site_name)


@register.simple_tag
def inline_style(name: str) -> SafeString:
    return mark_safe(f"<style>{inline.text(name)}</style>")


@register.simple_tag
def inline_script(name: str) -> SafeString:
    """A module: it runs when the page has been read, and its names are its own."""
    return mark_safe(f'<script type="module">{inline.text(name)}</script>')


class Capture(Node):
    def __init__(self, nodelist: NodeList, name: str) -> None:
        self.nodelist = nodelist
        self.name = name

    def render(self, context: Context) -> str:
        # What is in here was escaped when it was printed.
        context[self.name] = mark_safe(self.nodelist.render(context).strip())
        return ""


@register.tag
def capture(parser: Parser, token: Token) -> Capture:
    """{% capture name %}…{% endcapture %} keeps what it prints, a block for example, as {{ name }}.

    A block can stand in a page once only; this is how its words can stand there twice.
    """
    words = token.split_contents()
    if len(words) != 2:
        raise TemplateSyntaxError("capture takes one name: {% capture page_title %}")
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return Capture(nodelist, words[1])
