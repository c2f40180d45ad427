"""The WSGI application; `huying serve` runs it."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.settings")

application = get_wsgi_application()

# Many short threads: what is loaded now stays, and is not worth looking through again and again;
# and a thread in the middle of a request is better left to finish it.
gc.collect()
gc.freeze()
sys.setswitchinterval(0.02)
