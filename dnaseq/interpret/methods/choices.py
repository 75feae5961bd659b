"""The methods by the names that users type, and which of them suit a model."""

import numpy as np

from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.attention import attention_weights, has_attention
from dnaseq.interpret.methods.explanation import Explanation, Method, MethodSettings
from dnaseq.interpret.methods.gradients import gradient, gradient_input, integrated_gradients
from dnaseq.interpret.methods.perturbation import mutagenesis, occlusion

METHODS: dict[str, Method] = {
    "gradient": gradient,
    "gradient_input": gradient_input,
    "ig": integrated_gradients,
    "ism": mutagenesis,
    "occlusion": occlusion,
    "attention": attention_weights,
}
OF_GRADIENTS = ("gradient", "gradient_input", "ig")
TITLES = {
    "gradient": "absolute gradient",
    "gradient_input": "gradient x input",
    "ig": "integrated gradients",
    "ism": "in-silico mutagenesis",
    "occlusion": "occlusion",
    "attention": "attention weights",
}
UNSIGNED = ("gradient", "attention")  # methods whose numbers are never below 0
WITH_HYPOTHETICAL = ("gradient_input", "ig", "ism")


def explain(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, method: str, settings: MethodSettings
) -> Explanation:
    """Explain (n, L) codes of (n,) lengths by a method of METHODS."""
    return METHODS[method](logit, codes, lengths, settings)


def check_method(logit: Logit, method: str) -> None:
    """Raise ConfigError for a method that the model does not have."""
    if method not in METHODS:
        raise ConfigError(f"method must be auto or one of {', '.join(METHODS)}; got {method!r}")
    if method not in methods_of(logit):
        if method == "attention":
            raise ConfigError("method=attention: the model has no attention pool. Use method=auto")
        raise ConfigError(f"method={method}: gradients stop at {logit.obstacle}. Use method=ism or occlusion")


def methods_of(logit: Logit) -> list[str]:
    """List the methods that suit a model, in the order of METHODS."""
    without = () if logit.differentiable else OF_GRADIENTS
    return [name for name in METHODS if name not in without and (name != "attention" or has_attention(logit))]
