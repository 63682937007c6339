"""The Keras side. Nothing here imports pat_core or torch, and nothing there imports tensorflow."""
