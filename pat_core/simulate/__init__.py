"""Seeded simulated people with known, planted evidence. Read: traits.py, sleep.py, person.py, compose.py, lifelike.py, cohort.py."""

from pat_core.simulate.cohort import START, load_simulated, save_simulated, simulate, simulate_lifelike
from pat_core.simulate.traits import DISTRACTORS, NO_SIGNAL, TRAITS

__all__ = ["DISTRACTORS", "NO_SIGNAL", "START", "TRAITS", "load_simulated", "save_simulated", "simulate", "simulate_lifelike"]
