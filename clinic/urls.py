"""The map of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from clinic import sitemaps, staff, views
from clinic.search.views import search, suggest

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("nondiscrimination/", views.nondiscrimination, name="nondiscrimination"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
    path("articles/", include("articles.urls")),
    path("search/", search, name="search"),
    path("search/suggest/", suggest, name="suggest"),
    path("services/", include("locations.service_urls")),
    path("locations/", include("locations.urls")),
    path("consult/", include("consults.urls")),
    re_path(r"^accounts/(signup|email|confirm-email|password/set|login/code)/", staff.closed),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

if not settings.PRODUCTION:
    urlpatterns.append(path("styleguide/", views.styleguide, name="styleguide"))

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.forbidden"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
