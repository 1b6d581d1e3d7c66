from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = _("Site")

    def ready(self) -> None:
        from clinic import checks, patience  # noqa: F401 -- registers the system checks

        patience.install()


class StaffSiteConfig(AdminConfig):
    default_site = "clinic.staff.StaffSite"
