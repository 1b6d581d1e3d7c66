from django.urls import path

from consults import views

app_name = "consults"

urlpatterns = [
    path("", views.request_consult, name="request"),
    path("received/<str:token>/", views.received, name="received"),
    path("received/<str:token>/again/", views.ask_again, name="again"),
    path("withdraw/<str:token>/", views.withdraw, name="withdraw"),
]
