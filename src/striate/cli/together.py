"""Options that do not go together: said, not dropped."""

from collections.abc import Mapping

from striate.problem import Misuse


def refuse_two_forms(given: Mapping[str, bool]) -> None:
    """Misuse for two forms of output at once, by their options."""
    asked = [option for option, wanted in given.items() if wanted]
    if len(asked) > 1:
        raise Misuse("options.forms", one=asked[0], other=asked[1])


def refuse_beside(other: str, given: Mapping[str, bool]) -> None:
    """Misuse for what can do nothing beside another option."""
    for option, wanted in given.items():
        if wanted:
            raise Misuse("options.idle", option=option, other=other)
