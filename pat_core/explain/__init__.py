"""Explanations of one week: one method a file, one registry that pages and the command line read.

Every method returns an `Attribution` that carries its own error where the method has one.
"""

from pat_core.explain.attention import attention_received, encode
from pat_core.explain.registry import METHODS, Method, explain, method_for

__all__ = ["METHODS", "Method", "attention_received", "encode", "explain", "method_for"]
