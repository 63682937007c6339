"""Weights in and out: Keras HDF5 by a table of names, our own safetensors, the catalogue of published encoders, downloads."""

from pat_core.weights.bundle import Model, random_model, require_attention, require_head
from pat_core.weights.catalogue import CATALOGUE, Published
from pat_core.weights.loading import load
from pat_core.weights.safetensors_file import save

__all__ = ["CATALOGUE", "Model", "Published", "load", "random_model", "require_attention", "require_head", "save"]
