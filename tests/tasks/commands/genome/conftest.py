"""Predictors of small untrained networks."""

from predictors import predictor_of

__all__ = ["predictor_of"]
