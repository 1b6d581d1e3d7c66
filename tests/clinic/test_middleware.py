from collections.abc import Iterator
from wsgiref.headers import Headers

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.views.decorators.http import require_safe

from clinic import http, urls
from tests import build

pytestmark = pytest.mark.django_db


def take_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


@http.cookie_free_post
def answer_for_itself(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.is_cross_origin))  # type: ignore[attr-defined]


@require_safe
def set_cookie(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = True
    response = HttpResponse("cookie")
    response.set_cookie("tracker", "1")
    return response


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("never shown: 555-0134")


urlpatterns = [
    *urls.urlpatterns,
    path("test/post/", take_post),
    path("test/itself/", answer_for_itself),
    path("test/cookie/", set_cookie),
    path("test/fail/", fail),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture(autouse=True)
def _site(settings: object) -> Iterator[None]:
    build.location(name="Elsewhere", phone="+12055550142")
    with override_settings(ROOT_URLCONF="tests.clinic.test_middleware"):
        yield


SAME_ORIGIN = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://testserver"},
    {},
]
CROSS_ORIGIN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Origin": "https://attacker.example"},
    {"Origin": "null"},
    {"Origin": "http://[::1"},
]


@pytest.mark.parametrize("headers", SAME_ORIGIN)
def test_unsafe_request_from_our_own_page_passes(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/test/post/", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", CROSS_ORIGIN)
def test_unsafe_request_from_another_site_is_403(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/test/post/", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", CROSS_ORIGIN)
def test_safe_request_from_another_site_passes(client: Client, headers: dict[str, str]) -> None:
    assert client.get("/test/post/", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", CROSS_ORIGIN)
def test_cookie_free_post_view_learns_the_verdict(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/test/itself/", headers=headers).content == b"True"


def test_public_page_sets_no_cookie_even_if_a_view_tries(client: Client) -> None:
    response = client.get("/test/cookie/")
    assert response.content == b"cookie"
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_staff_page_may_set_cookies(client: Client) -> None:
    assert set(client.get("/accounts/login/").cookies) == {"csrf"}


@pytest.mark.parametrize(
    "address",
    ["/livez?q=%00", "/livez?q=%07", "/livez?%00", "/livez%00", "/livez?q=%ff%fe", "/livez?q=%1b"],
)
def test_address_with_control_characters_is_400(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert b"988" in response.content


def test_cookie_with_nul_is_400(client: Client) -> None:
    client.cookies["session"] = "a\x00b"
    assert client.get("/livez").status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/livez?q=%00", 400),
        ("get", "/nothing-here/", 404),
        ("post", "/test/cookie/", 405),
        ("get", "/test/fail/", 500),
    ],
)
def test_refusal_has_a_page_with_phones_and_988(
    client: Client, method: str, address: str, status: int
) -> None:
    client.raise_request_exception = False
    response = getattr(client, method)(address)
    page = response.content.decode()
    assert response.status_code == status
    assert "(205) 555-0142" in page
    assert "988" in page
    assert "555-0134" not in page


def test_cross_origin_refusal_has_a_page_with_phones_and_988(client: Client) -> None:
    response = client.post("/test/post/", headers={"Sec-Fetch-Site": "cross-site"})
    assert "(205) 555-0142" in response.content.decode()


def test_body_over_the_limit_is_413_with_phones(client: Client) -> None:
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        response = client.post(
            "/accounts/login/", b"login=" + b"a" * 2000, "application/x-www-form-urlencoded"
        )
    assert response.status_code == 413
    assert "(205) 555-0142" in response.content.decode()


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "found"),
    [
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.1"], "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.1"], "10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.1", "10.0.0.2"], "10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (["10.0.0.1"], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.1"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "not an address", "10.0.0.1"),
    ],
)
def test_client_address_comes_from_trusted_proxies_only(
    trusted: list[str], peer: str, forwarded: str, found: str
) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    with override_settings(TRUSTED_PROXIES=trusted):
        assert http.client_address(request) == found


@pytest.mark.parametrize(
    ("address", "policy"),
    [
        ("/static/img/share.png", "cross-origin"),
        ("/static/img/favicon.svg", "same-origin"),
        ("/static/img/apple-touch-icon.png", "same-origin"),
        ("/static/css/site.css", "same-origin"),
        ("/about/", "same-origin"),
    ],
)
def test_only_the_picture_of_a_shared_link_may_be_shown_by_other_sites(
    client: Client, address: str, policy: str
) -> None:
    response = client.head(address)
    assert response.status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == policy


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("/static/img/share.0123456789ab.png", {"Cross-Origin-Resource-Policy": "cross-origin"}),
        ("/static/img/favicon.0123456789ab.ico", {}),
        ("/elsewhere/static/img/share.png", {}),
    ],
)
def test_picture_keeps_its_policy_under_its_hashed_name(url: str, headers: dict[str, str]) -> None:
    added = Headers([])
    http.let_sharers_fetch(added, "", url)
    assert dict(added.items()) == headers
