"""``python -m striate`` is the console command."""

from striate.cli import main

main()
