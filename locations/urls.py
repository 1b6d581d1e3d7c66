from django.urls import path

from locations import views

app_name = "locations"

urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:slug>/", views.detail, name="detail"),
]
