"""A genome and its annotation as labelled windows: every base is inside or outside the features of one type."""

import logging

FORWARD, REVERSE = 1, 2  # bits of a base: within a feature of this strand
# The place in `labels` of a base that no feature covers, one of the forward strand, of the reverse one, of both.
LETTERS = {"any": (0, 1, 1, 1), "forward": (0, 1, 0, 1), "both": (0, 1, 2, 3)}
NAMED = 3  # sequences that a message lists

logger = logging.getLogger("dnaseq")
