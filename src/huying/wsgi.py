"""The WSGI application; `huying serve` runs it."""

import gc
import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huying.settings")

from huying import memory
from huying.admission.door import Door
from huying.admission.gate import ROOM
from huying.computing import Application, in_turn
from huying.installation import config
from huying.lines import Watch, guarded
from huying.postgres import watch
from huying.telemetry import tracing

memory.bound()
tracing.start(config.traces_url, config.traces_percent, "web")

# From the inside out: a request computes in its turn, has its place, waits for the database, and
# has come whole.
application: Application = Door(
    in_turn(get_wsgi_application()),
    max(1, config.web_threads - config.web_aside),
    ROOM,
    aside=config.web_aside,
)
application = guarded(application, Watch(float(config.slow_client_seconds), config.web_threads))
if watch.start():
    application = watch.in_time(application, config.database_patience_seconds)

# Many short threads: what is loaded now stays, and is not worth looking through again and again.
gc.collect()
gc.freeze()
# What a request leaves behind hardly ever waits for such a look (tests/infra/test_templating.py):
# with Python's own 700 the looks took 3 % of the time.
gc.set_threshold(20_000)
# A request comes back from the database ten times, and each time waits for whoever computes: at
# 20 ms each, a position took as long as the pages that were drawn beside it.
sys.setswitchinterval(0.001)
