"""A bad setting of a model is named, with what is allowed and what came."""

from functools import partial

import pytest

from dnaseq.models.embed import Dense, Lookup
from dnaseq.models.encoders.convolution import Convolution
from dnaseq.models.encoders.min_recurrent import MinRecurrent
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.encoders.relative_transformer import RelativeTransformer
from dnaseq.models.encoders.residual import Residual
from dnaseq.models.encoders.stack import Stack
from dnaseq.models.encoders.transformer import SelfAttention, Transformer
from dnaseq.models.head import MLP, Linear
from dnaseq.models.pool import AdditiveAttention, Flatten, Several

LSTM = partial(Recurrent, 4, cell="lstm", hidden=8)
CNN = partial(Convolution, 4, filters=8, width=5)
RESIDUAL = partial(Residual, 4, blocks=2)
MINGRU = partial(MinRecurrent, 4, cell="mingru", hidden=8)
TRANSFORMER = partial(Transformer, 4, width=8, heads=2, layers=1, feedforward=8)


def count(name: str, got: str) -> str:
    return f"^{name} must be a whole number of at least 1; got {got}$"


def dropout(got: str) -> str:
    return f"^dropout must be a number of at least 0 and below 1; got {got}$"


@pytest.mark.parametrize(
    ("part", "setting", "message"),
    [
        (LSTM, {"cell": "lsm"}, "^cell must be one of rnn_tanh, rnn_relu, lstm, gru; got 'lsm'$"),
        (LSTM, {"backend": "cudnn"}, "^backend must be one of torch, by_hand, cells; got 'cudnn'$"),
        (LSTM, {"hidden": 0}, count("hidden", "0")),
        (LSTM, {"hidden": True}, count("hidden", "True")),
        (LSTM, {"layers": -1}, count("layers", "-1")),
        (LSTM, {"layers": 1.5}, count("layers", "1.5")),
        (LSTM, {"hidden": "big"}, count("hidden", "'big'")),
        (LSTM, {"dropout": 1}, dropout("1")),
        (LSTM, {"dropout": -0.1}, dropout("-0.1")),
        (LSTM, {"dropout": float("nan")}, dropout("nan")),
        (CNN, {"filters": 0}, count("filters", "0")),
        (CNN, {"width": 0}, count("width", "0")),
        (CNN, {"pool": 0}, count("pool", "0")),
        (CNN, {"layers": 0}, count("layers", "0")),
        (CNN, {"dropout": 1.0}, dropout("1.0")),
        (CNN, {"activation": "tanh"}, "^activation must be one of relu, gelu, exp; got 'tanh'$"),
        (CNN, {"norm": "layer"}, "^norm must be one of none, batch; got 'layer'$"),
        (CNN, {"width": [5, 0]}, count("width", "0")),
        (CNN, {"width": []}, "^width must be a number or a list of numbers; got an empty list$"),
        (CNN, {"width": [3, 5, 7]}, r"^filters must be a multiple of the number of widths \(3\); got 8$"),
        (RESIDUAL, {"blocks": 0}, count("blocks", "0")),
        (RESIDUAL, {"width": 0}, count("width", "0")),
        (RESIDUAL, {"filters": 0}, count("filters", "0")),
        (RESIDUAL, {"growth": 0}, count("growth", "0")),
        (RESIDUAL, {"dropout": 1}, dropout("1")),
        (MINGRU, {"cell": "gru"}, "^cell must be one of mingru, minlstm; got 'gru'$"),
        (MINGRU, {"hidden": 0}, count("hidden", "0")),
        (MINGRU, {"layers": 0}, count("layers", "0")),
        (MINGRU, {"dropout": 1}, dropout("1")),
        (TRANSFORMER, {"heads": 0}, count("heads", "0")),
        (TRANSFORMER, {"heads": 3}, r"^width must be a multiple of heads \(3\); got 8$"),
        (
            TRANSFORMER,
            {"width": 7, "heads": 7},
            r"^width must be a multiple of a sine and a cosine each \(2\)",
        ),
        (partial(RelativeTransformer, 4, 8, 2, 1, 8), {"reach": 0}, count("reach", "0")),
        (TRANSFORMER, {"feedforward": 0}, count("feedforward", "0")),
        (TRANSFORMER, {"dropout": 2}, dropout("2")),
        (
            partial(SelfAttention, 8),
            {"heads": 3},
            r"^width of the encoder below must be .* heads \(3\); got 8$",
        ),
        (partial(SelfAttention, 8), {"dropout": 1}, dropout("1")),
        (partial(Stack, 4), {"parts": []}, "^parts must name at least one encoder; got none$"),
        (partial(Dense, 4), {"d_out": 0}, count("d_out", "0")),
        (partial(Lookup, 18), {"d_out": 0}, count("d_out", "0")),
        (partial(Lookup, 18), {"max_norm": 0}, "^max_norm must be above 0, or null for none; got 0$"),
        (partial(Lookup, 18), {"norm_type": 0}, "^norm_type must be above 0; got 0$"),
        (partial(AdditiveAttention, 8), {"hidden": 0}, count("hidden", "0")),
        (partial(Flatten, 8), {"positions": 0}, count("positions", "0")),
        (partial(Flatten, 8, 5), {"width": 0}, count("width", "0")),
        (partial(Several, 8), {"pools": []}, "^pools must name at least one pool; got none$"),
        (partial(Linear, 8, 2), {"dropout": 1}, dropout("1")),
        (partial(MLP, 8, 2), {"hidden": 0}, count("hidden", "0")),
        (partial(MLP, 8, 2), {"hidden": 4, "dropout": -1}, dropout("-1")),
    ],
)
def test_bad_setting_is_named_with_what_is_allowed(part, setting, message):
    with pytest.raises(ValueError, match=message):
        part(**setting)


def test_unknown_setting_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'hiden'"):
        LSTM(hiden=8)
