"""The source of a plug-in, as bundles and runs write it down."""

from typing import Annotated

from msgspec import Meta, Struct

# not those of dnaseq.schemas, which loads NumPy: a command must find a mistake in its keys before
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Meta(pattern="^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Distribution = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Version = Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._+!-]{0,99}$")]


class PluginSource(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The source of a plug-in that something was made with; a file has no distribution and no version."""

    name: Name
    distribution: Distribution | None = None
    version: Version | None = None
    sha256: Sha256

    def __str__(self) -> str:
        of = f"{self.distribution} {self.version}, " if self.distribution else ""
        return f"{self.name} ({of}SHA-256 {self.sha256[:12]})"
