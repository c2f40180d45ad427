"""How long a test waits for what a page shows by itself.

A page promises news within two seconds. A test that runs alone (`pytest` without -n) holds it to
that. Where several processes of tests, each with a browser, share the cores, the time says how busy
they are: there the tests hold what is shown, and `huying bench desks` the two seconds.
"""

from __future__ import annotations

import os

ALONE = "PYTEST_XDIST_WORKER" not in os.environ
SOON_S = 2.0 if ALONE else 15.0
SOON_MS = SOON_S * 1000
WAIT_MS = 5_000 if ALONE else 30_000
"""How long `expect` waits for what a person's key or click brings."""
