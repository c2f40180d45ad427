"""`python -m huying`: the command, where its script is not in the path."""

from huying.cli import main

main()
