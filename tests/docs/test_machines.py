"""Files, units, services and commands that the pages have somebody type to a machine are there.

Nothing of it is run: it is sudo's, systemd's and Docker's to do. The words of huying in it are held
to its own parser, as those of tests/docs/test_commands.py are.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from huying.installation import Settings
from tests.docs.test_commands import BLOCK, PAGES, ROOT, name, refused

DEPLOY: Final = ROOT / "deploy"
PROGRAMS: Final = (
    "sudo", "systemctl", "docker", "psql", "install", "chown", "patronictl", "etcdctl", "promtool",
    "mkdir", "cp", "./init-secrets", "./render.py",
)  # fmt: skip
SPAN: Final = re.compile(rf"`((?:{'|'.join(map(re.escape, PROGRAMS))}) [^`]+)`")

COMPOSE: Final = {
    "build": {"--build-arg"},
    "cp": set(),
    "down": set(),
    "exec": set(),
    "logs": {"--follow"},
    "run": {"--rm", "--no-deps", "--env", "--volume"},
    "up": {"--detach", "--build", "--no-deps", "--wait"},
}
"""The verbs of `docker compose` on the pages, and the options of each that there are."""

VALUED: Final = {"--env", "--volume", "--build-arg"}
SYSTEMCTL: Final = {"daemon-reload", "restart", "start", "stop", "enable", "disable", "--now"}
INSTALLED: Final = {"postgresql", "etcd", "patroni"}
"""Units of the system's own packages."""


def services() -> dict[str, Any]:
    return dict(
        yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))["services"]
    )


def typed(page: Path) -> list[str]:
    """The lines of blocks, and the commands in sentences, that begin with one of `PROGRAMS`."""
    text = page.read_text("utf-8")
    lines = [
        line.strip().removeprefix("$ ")
        for language, block in BLOCK.findall(text)
        if language in {"", "sh", "console"}
        for line in block.splitlines()
    ]
    found = [" ".join(each.split()) for each in SPAN.findall(text)]
    for line in lines:
        found += [
            each
            for each in re.split(r"\s+(?:&&|\|)\s+", re.sub(r"\s+#.*", "", line))
            if each.split()[:1] and each.split()[0] in PROGRAMS
        ]
    return [re.sub(r"\$\([^)]*\)", "X", each) for each in found if "…" not in each]


def without_sudo(words: list[str]) -> tuple[list[str], list[str]]:
    """The settings that stand before a command, and the command itself."""
    given = []
    words = words[1:] if words[0] == "sudo" else words
    while words:
        if words[0] in {"-u", "-C"}:
            words = words[2:]
        elif words[0] == "env":
            words = words[1:]
        elif re.match(r"[A-Z_]+=", words[0]):
            given.append(words[0])
            words = words[1:]
        else:
            break
    return given, words


def wrong(command: str) -> Iterator[str]:
    """What of a command there is not."""
    given, words = without_sudo(shlex.split(command))
    yield from filter(None, map(setting, given))
    for word in words:
        if re.match(r"(deploy|requirements)/", word) and not list(ROOT.glob(word)):
            yield f"no file {word}"
    program, rest = words[0], words[1:]
    if Path(program).name == "huying":
        yield from filter(None, [refused(shlex.join(["huying", *rest]))])
    elif program in {"huying-version", "rolling-restart"}:
        script = (DEPLOY / "systemd" / program).read_text("utf-8")
        if program == "huying-version" and f"    {rest[0]}:" not in script:
            yield f"{program} cannot {rest[0]}"
    elif program == "systemctl":
        yield from of_systemd(rest)
    elif words[:2] == ["docker", "compose"]:
        yield from of_compose(rest[1:])
    elif program.startswith("./") and not [*DEPLOY.glob(f"*/{program[2:]}")]:
        yield f"no {program}"


def setting(word: str) -> str:
    known = {f"HUYING_{each.upper()}" for each in Settings.model_fields}
    given = word.partition("=")[0]
    return "" if given in known | {"HUYING_SECRETS_DIR"} else f"no setting {given}"


def of_systemd(words: list[str]) -> Iterator[str]:
    units = {path.name for folder in ("systemd", "ha") for path in (DEPLOY / folder).iterdir()}
    for word in words:
        unit = re.sub(r"@\w+", "@", word)
        if word in SYSTEMCTL or word in INSTALLED:
            continue
        if not {unit, f"{unit}.service"} & units:
            yield f"no unit {word}"


def of_compose(words: list[str]) -> Iterator[str]:
    verb, rest = words[0], words[1:]
    if verb not in COMPOSE:
        yield f"docker compose has no {verb}"
        return
    while rest and rest[0].startswith("--"):
        option, rest = rest[0], rest[1:]
        if option not in COMPOSE[verb]:
            yield f"docker compose {verb} has no {option}"
        if option in VALUED:
            value, rest = rest[0], rest[1:]
            if option == "--env" and (bad := setting(value)):
                yield bad
    if verb == "cp":
        rest = [word.partition(":")[0] for word in rest if ":" in word]
    called = rest[:1] if verb in ("exec", "run") else rest
    for service in called:
        if service not in services():
            yield f"no service {service}"
    given = rest[1:] if verb in ("exec", "run") else []
    if verb == "run" and given:
        given = ["huying", *given]  # the image's entrypoint
    if given:
        yield from filter(None, [refused(shlex.join(given))])


def test_what_there_is_not_is_found() -> None:
    for command, told in {
        "sudo systemctl restart huying-webs@8001": "no unit huying-webs@8001",
        "sudo systemctl reload huying-worker": "no unit reload",
        "sudo install -m 600 -t /etc deploy/systemd/none.conf": "no file deploy/systemd/none.conf",
        "docker compose exec webs huying check": "no service webs",
        "docker compose up --detached web": "docker compose up has no --detached",
        "docker compose run --env HUYING_HOMES=/x backup backup /x": "no setting HUYING_HOMES",
        "sudo huying-version remove 1": "huying-version cannot remove",
        "./init-secret": "no ./init-secret",
    }.items():
        assert told in list(wrong(command)), command
    assert "unrecognized arguments" in next(wrong("sudo huying check --all"))
    assert "invalid choice" in next(wrong("docker compose exec web huying account make"))
    trial = "sudo -u huying env -C /x HUYING_HOME=/x /opt/huying/current/bin/huying restore"
    assert "unrecognized arguments" in next(wrong(f"{trial} /y --telling /z"))
    assert not list(wrong(f"{trial} /y --tell /z"))


def test_the_commands_are_found() -> None:
    found = typed(ROOT / "docs" / "deploy.md")
    assert "sudo systemctl restart huying-migrate" in found
    assert "docker compose up --detach --no-deps --wait web2" in found
    assert "sudo chown 10001 backups" in found
    assert "docker compose logs --follow web web2 worker" in found


@pytest.mark.parametrize("page", [page for page in PAGES if typed(page)], ids=name)
def test_what_a_page_tells_a_machine_is_there(page: Path) -> None:
    found = {each: list(wrong(each)) for each in typed(page)}
    assert not {each: said for each, said in found.items() if said}
