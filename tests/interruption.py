"""A training that is ended as Ctrl-C does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from dnaseq.training.callbacks import History


@contextmanager
def interrupted(when: Callable[..., bool] = lambda history, trainer: True) -> Iterator[None]:
    """End a training at the end of the first epoch for which `when(history, trainer)` is true."""
    original = History.on_train_epoch_end

    def interrupt(self, trainer, module):
        original(self, trainer, module)
        if when(self, trainer):
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(History, "on_train_epoch_end", interrupt)
        yield
