"""Predictors of small untrained networks."""

from predictors import predictor_of, records

__all__ = ["predictor_of", "records"]
