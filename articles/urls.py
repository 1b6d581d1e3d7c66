from django.urls import path

from articles import draft_pages, feeds, views

app_name = "articles"

urlpatterns = [
    path("", views.index, name="index"),
    path("topics/", views.topics, name="topics"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("people/<slug:slug>/", views.person, name="person"),
    path("feed/", feeds.atom, name="feed"),
    path("feed/rss/", feeds.rss, name="feed_rss"),
    path("draft/<str:token>/", draft_pages.draft, name="draft"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/share.png", views.share_picture, name="share_picture"),
]
