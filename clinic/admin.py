"""The admin pages of the site itself: who works here, and the words of the site."""

from typing import Any, ClassVar

# Imported so that what they register can be taken away below.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import site_texts  # noqa: F401 -- registers the site texts
from clinic.models import SearchMiss, User
from clinic.staff import end_sessions
from consults import triage
from locations.models import Membership

# What a group may do is written in clinic.staff.GROUPS, where it is reviewed.
admin.site.unregister(Group)
# The secrets of second factors are nobody's to read; addresses stand on the user.
admin.site.unregister([EmailAddress, Authenticator])


class MembershipInline(admin.TabularInline):
    """Where this person works: this alone decides whose requests they see."""

    model = Membership
    extra = 0


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts are closed, never deleted: what they did stays on file under their name."""

    list_display = ("username", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    formfield_overrides: ClassVar = {
        models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}
    }
    inlines = (MembershipInline,)
    # No field here gives anyone every permission at once.
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email", "time_zone")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "is_staff", "groups")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "date_joined")}),
    )

    actions = ("reset_second_factor",)

    @admin.action(
        description=gettext_lazy("Reset the second factor (lost phone)"), permissions=["change"]
    )
    def reset_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """They enrol again at their next sign-in. Who reset it stays on file."""
        people = [person for person in queryset if self.has_change_permission(request, person)]
        Authenticator.objects.filter(user__in=people).delete()
        end_sessions(people)
        words = _("Second factor reset.")
        LogEntry.objects.log_actions(request.user.pk, people, CHANGE, words)  # type: ignore[arg-type]
        messages.success(request, words)

    def get_inlines(self, request: HttpRequest, obj: User | None = None) -> Any:
        """A new account is saved first; then it is said where the person works."""
        return self.inlines if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes an account that may do more than their own: its password is its power."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Gives back the requests of someone whose account is closed."""
        super().save_model(request, obj, form, change)
        if change and not obj.is_active and isinstance(request.user, User):
            triage.release_all_of(obj, request.user)


@admin.register(SearchMiss)
class SearchMissAdmin(admin.ModelAdmin):
    """What people looked for and no page had. To read only: it tells editors what to write."""

    list_display = ("words", "day", "count")
    list_display_links = None
    date_hierarchy = "day"
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SearchMiss | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SearchMiss | None = None) -> bool:
        return False
