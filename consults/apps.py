from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsultsConfig(AppConfig):
    name = "consults"
    verbose_name = _("Consult requests")

    def ready(self) -> None:
        from consults import checks  # noqa: F401 -- registers itself
