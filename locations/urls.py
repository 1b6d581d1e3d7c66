from django.urls import URLPattern

app_name = "locations"

urlpatterns: list[URLPattern] = []
