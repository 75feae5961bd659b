"""Agreement of the plug-ins that something was made with and those that the user has named for it."""

import logging
from collections.abc import Sequence

from dnaseq.errors import ConfigError, ModelFileError
from dnaseq.plugins.named import Plugins, how_to_name
from dnaseq.plugins.source import PluginSource

REFUSE, ACCEPT = "refuse", "accept"  # values of plugins_changed
logger = logging.getLogger("dnaseq")


def check_plugins(needed: Sequence[PluginSource], named: Plugins, changed: str, where: str) -> None:
    """Raise ModelFileError unless the user has named every plug-in that is needed, each with the same source.

    With `changed` "accept" another source is only warned of. Nothing of a plug-in runs.
    """
    if changed not in (REFUSE, ACCEPT):
        raise ConfigError(f"plugins_changed must be {REFUSE} or {ACCEPT}; got {changed!r}")
    known = {one.name: one.source for one in named.known}
    for due in needed:
        if due.name not in known:
            raise ModelFileError(f"{where}: needs the plug-in {due}. {how_to_name(due.name)}")
        if known[due.name].sha256 == due.sha256:
            continue
        what = f"{where}: was made with the plug-in {due}, and this is {known[due.name]}"
        if changed == REFUSE:
            raise ModelFileError(
                f"{what}. Get the one it was made with, or write plugins_changed={ACCEPT} if you know that it fits"
            )
        logger.warning("warning: %s", what)
