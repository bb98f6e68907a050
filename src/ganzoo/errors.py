"""Errors a user can fix: what is wrong, the value, the nearest right spelling, the next command."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class GanzooError(Exception):
    """A mistake the user can fix; the command line prints it in at most three lines and exits 2."""


class UnknownName(GanzooError):
    """A recipe, component, setting or plugin that does not exist, or a bare name that two plugins have."""


class BadSetting(GanzooError):
    """A setting whose value has the wrong type or lies outside its range."""


class OtherRun(BadSetting):
    """A folder that holds a run of another configuration."""


class DoesNotFit(GanzooError):
    """A combination of components whose capabilities do not fit together."""


class BadComponent(GanzooError):
    """A component that breaks the rules of its kind, which its author can fix.

    Args:
        message: what is wrong.
        name: of the component, where it is known.
    """

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class BadData(GanzooError):
    """A data set that is missing, empty, broken, or not what the run needs."""


class BadRun(GanzooError):
    """A run folder that cannot be created, resumed, sampled or written."""


class Diverged(GanzooError):
    """Training produced a value that is not finite."""


class PluginError(Exception):
    """An unexpected error in a component's code, its ``__cause__``; the author of the plugin can fix it.

    Args:
        kind: of the component.
        name: of the component.
        distribution: that the component comes from.
        what: happened, with file and line in the plugin's code.
        advice: the command that checks the component.
    """

    def __init__(self, kind: str, name: str, distribution: str, what: str, advice: str) -> None:
        super().__init__(f"{kind} '{name}' of {distribution} {what}")
        self.kind, self.name, self.distribution, self.advice = kind, name, distribution, advice


def nearest(name: str, known: Iterable[str], *, few: int = 16) -> str:
    """Return the closest known name, as the tail of a message.

    Args:
        name: what the user typed.
        known: every right name.
        few: most choices to list where none is close.

    Returns:
        ``" Did you mean 'x'?"``, or the choices if none is close and they are few, or nothing.
    """
    choices = sorted(set(known))
    spelled = {choice.lower(): choice for choice in choices}
    close = get_close_matches(name.lower(), spelled, n=1, cutoff=0.5)
    if close:
        return f" Did you mean '{spelled[close[0]]}'?"
    return f" Choose from: {', '.join(choices)}." if 0 < len(choices) <= few else ""
