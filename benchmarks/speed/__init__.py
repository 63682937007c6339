"""How fast PAT is here: beside Keras, beside this project as it was, and beside captum, as ratios in one run.

    python -m benchmarks.speed --python PATH_TO_KERAS_PYTHON

sides.py (a side is a process that waits for its turn), our_side.py (PAT of one checkout), keras_side.py (Keras 2.15, in its own
environment), cases.py (what is measured, against which target), people.py (cost and memory of a cohort by its size).
"""
