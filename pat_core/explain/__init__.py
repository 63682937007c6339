"""Explanations of one week: one method a file, one registry that pages, command line and scoreboard read.

Every method returns an `Attribution` that carries its own error where the method has one.
"""

from pat_core.explain.attention_reading import attention_received, encode
from pat_core.explain.baselines import BASELINES, Baseline
from pat_core.explain.method_registry import METHODS, Method, applies, explain, method_for, same_ranking

__all__ = ["BASELINES", "METHODS", "Baseline", "Method", "applies", "attention_received", "encode", "explain", "method_for", "same_ranking"]
