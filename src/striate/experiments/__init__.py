"""The chapter's classic experiments: a TOML file each, and nets.py with the networks that they vary."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""A folder on disk: the networks are loaded from a file by its path."""

SHIPPED = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
"""By name."""
