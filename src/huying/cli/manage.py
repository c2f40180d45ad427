"""Django's own commands (`huying manage makemigrations`, `huying manage shell`)."""

from __future__ import annotations

import argparse

HELP = "run one of Django's management commands"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the command and its options")


def run(options: argparse.Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["huying manage", *options.arguments])
    return 0
