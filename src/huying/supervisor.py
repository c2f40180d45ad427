"""`huying serve`: one process in the foreground that starts, watches and stops the others.

It holds the embedded database, and starts it again when it dies; web and worker are its children
and get only a connection string. They are ended in order (web, worker, then the database), and a
child that dies is started again, each time a little later. One that was killed from outside comes
back at once: that says nothing about the child.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from huying.unprivileged import ServerUserError

Say = Callable[[str], None]

LIFELINE = "HUYING_LIFELINE"
"""Names the descriptor of a pipe that ends when the supervisor does."""

_FIRST_DELAY, _LAST_DELAY, _STEADY = 0.5, 30.0, 10.0

_KEEP_S = 0.5
"""How often it is looked whether the database lives: nobody tells of its end."""


class PortBusy(RuntimeError):
    """Something else already listens where huying should."""


def require_free_port(address: str, port: int) -> None:
    """Raises PortBusy, with what to do, if nothing can listen on `address`:`port`."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            raise PortBusy(f"This user may not open port {port}: choose one above 1023.") from None
        except OSError as error:
            other = port + 1
            raise PortBusy(
                f"Port {port} on {address} is taken ({error.strerror}): stop what listens there, "
                f"or choose another port (make run PORT={other}, huying serve --port {other})."
            ) from None


def stop_with_supervisor() -> None:
    """Makes this child stop when its supervisor is gone, even killed; does nothing without one."""
    descriptor = os.environ.pop(LIFELINE, None)
    if descriptor is None:
        return

    def watch(end: int) -> None:
        with contextlib.suppress(OSError):
            os.read(end, 1)  # returns when the supervisor's end is closed
        os.kill(os.getpid(), signal.SIGTERM)

    os.set_inheritable(int(descriptor), False)
    threading.Thread(target=watch, args=(int(descriptor),), daemon=True).start()


@dataclass
class Child:
    """One supervised process."""

    name: str
    command: Sequence[str]
    grace: float
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    restart_at: float | None = None

    def start(self, environment: Mapping[str, str], lifeline: int) -> None:
        self.started, self.restart_at = time.monotonic(), None
        self.process = subprocess.Popen(
            self.command,
            env={**environment, LIFELINE: str(lifeline)},
            pass_fds=(lifeline,),
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            # Ctrl-C reaches the supervisor alone, which then ends the children in order.
            start_new_session=True,
        )

    def stop(self) -> None:
        """SIGTERM, then after its grace SIGKILL to it and all it started."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """Ends what is left of the child's group: processes of its own that outlived it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


@dataclass
class Supervisor:
    """Runs `children` until SIGINT or SIGTERM."""

    children: Sequence[Child]
    environment: Mapping[str, str]
    say: Say
    keep: Callable[[], bool] | None = None
    """Starts what the children need again if it has died, and says whether it had; may fail."""
    _keep_at: float = field(default=0.0, init=False)
    _keep_delay: float = field(default=_KEEP_S, init=False)
    _stopping: bool = field(default=False, init=False)

    def run(
        self, ready: Callable[[], bool] | None = None, started: Callable[[], None] | None = None
    ) -> None:
        """Starts the children, calls `started` once `ready` is true, and watches them.

        The first child starts first, alone: until it is ready the others would only slow it
        down. Returns after a signal, when all children have ended.
        """
        read_end, write_end = os.pipe()
        wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)

        def stop(number: int, frame: FrameType | None) -> None:
            self._stopping = True
            with contextlib.suppress(BlockingIOError):
                os.write(wake_write, b"!")

        def child_ended(number: int, frame: FrameType | None) -> None:
            with contextlib.suppress(BlockingIOError):
                os.write(wake_write, b"?")

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGCHLD, child_ended)
        try:
            first, *others = self.children
            first.start(self.environment, read_end)
            if ready is None:
                for child in others:
                    child.start(self.environment, read_end)
            while not self._stopping:
                if ready is not None and ready():
                    ready = None
                    for child in others:
                        child.start(self.environment, read_end)
                    if started is not None:
                        started()
                self._keep()
                self._look_after(read_end)
                timeout = 0.05 if ready is not None else self._next_restart()
                if select.select([wake_read], [], [], timeout)[0]:
                    os.read(wake_read, 64)
        finally:
            # A second Ctrl-C must not leave half of it running, the database included: these
            # stay ignored until the process ends.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.say("Stopping …")
            for child in self.children:
                child.stop()
            for descriptor in (read_end, write_end, wake_read, wake_write):
                os.close(descriptor)

    def _keep(self) -> None:
        now = time.monotonic()
        if self.keep is None or now < self._keep_at:
            return
        try:
            died, trouble = self.keep(), ""
        except (OSError, ServerUserError) as error:
            died, trouble = True, f": {error}"
        if died:
            self.say(f"The database has ended; started again{trouble}")
            # One that cannot start, on a full disk say, is tried less and less often.
            self._keep_delay = min(self._keep_delay * 2, 8.0)
        else:
            self._keep_delay = _KEEP_S
        self._keep_at = now + self._keep_delay

    def _look_after(self, lifeline: int) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.start(self.environment, lifeline)
            elif child.process is not None and (code := child.process.poll()) is not None:
                child.sweep()
                if now - child.started > _STEADY or code == -signal.SIGKILL:
                    child.delay = _FIRST_DELAY
                self.say(f"{child.name} ended with code {code}; again in {child.delay:g} s")
                child.restart_at = now + child.delay
                child.delay = min(child.delay * 2, _LAST_DELAY)

    def _next_restart(self) -> float:
        waits = [c.restart_at - time.monotonic() for c in self.children if c.restart_at is not None]
        kept = [] if self.keep is None else [self._keep_at - time.monotonic()]
        return max(0.0, min([*waits, *kept, 60.0]))
