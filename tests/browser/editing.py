"""How a browser comes to the writing screen."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from clinic.models import User
from tests import build

ADD = "/admin/articles/article/add/"
READY = "html[data-editor-ready]"


def sign_in(context: BrowserContext, server: LiveServer, user: User) -> None:
    """Gives the browser the session of a signed-in user."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": server.url}])


def signed_in(context: BrowserContext, server: LiveServer, path: str) -> Page:
    """The writing screen at `path`, opened by an editor and ready."""
    sign_in(context, server, build.user("Editor"))
    page = context.new_page()
    page.goto(server.url + path)
    wait_until_ready(page)
    return page


def wait_until_ready(page: Page) -> None:
    """By a selector: polling an expression would need the eval that our policy forbids."""
    page.locator(READY).wait_for(state="attached")
