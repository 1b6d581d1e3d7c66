from django.urls import path

from locations import views

app_name = "services"

urlpatterns = [
    path("", views.services, name="index"),
    path("<slug:slug>/", views.service, name="detail"),
]
