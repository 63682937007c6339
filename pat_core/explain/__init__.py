"""Explanations of one week: methods of one kind a file, one registry that pages, command line and scoreboard read.

Every method returns an `Attribution` that carries its own error where the method has one.

The methods are known to everyone; a method's file is imported when it is run, and with it torch.
"""

from pat_core.explain.baselines import BASELINES, Baseline
from pat_core.explain.method_registry import METHODS, Method, applies, explain, method_for, same_ranking

__all__ = ["BASELINES", "METHODS", "Baseline", "Method", "applies", "explain", "method_for", "same_ranking"]
