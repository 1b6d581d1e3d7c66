"""How the desk writes spans of time: short, for lists."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def roughly(moment: dt.datetime) -> str:
    """How far away, in one unit, before or after: 40 min, 5 h, 3 days."""
    seconds = abs((moment - timezone.now()).total_seconds())
    minutes, hours, days = (round(seconds / size) for size in (60, 3600, 86400))
    if minutes < 60:
        return ngettext("%d min", "%d min", minutes) % minutes
    if hours < 48:
        return ngettext("%d h", "%d h", hours) % hours
    return ngettext("%d day", "%d days", days) % days


@register.filter
def hours_minutes(minutes: int | None) -> str:
    """Working minutes as 3 h 20 min; a dash for nothing."""
    if minutes is None:
        return "\u2013"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours else f"{rest} min"


@register.filter
def is_past(moment: dt.datetime | None) -> bool:
    return moment is not None and moment < timezone.now()
