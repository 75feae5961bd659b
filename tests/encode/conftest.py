"""No deadline for an example: on a busy machine, slow is not wrong."""

from hypothesis import settings

settings.register_profile("encode", deadline=None)
settings.load_profile("encode")
