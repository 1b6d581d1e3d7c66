"""What a web server loads: `clinic.wsgi:application`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from clinic import patience

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()
# Around a page too, where Django looks after its connections, no thread may stand still.
patience.limit_each_wait(settings.DATABASE_PATIENCE)
