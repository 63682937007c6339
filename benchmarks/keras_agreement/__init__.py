"""PAT as Keras trains it, stated from the paper's facts, against ours: equal weights, equal batches, no dropout.

    python -m benchmarks.keras_agreement --python PATH_TO_KERAS_PYTHON

cases.py (what is compared, as files both sides read), keras_side/ (runs in its own environment, never imports ours), ours.py (our loop
on the same cases), comparison.py (the figures).
"""
