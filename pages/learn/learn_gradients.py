"""Lesson 5: gradients and baselines."""

from pages.components.learn.gradients_screens import SCREENS
from pages.components.learn.lesson_frame import lesson

lesson("gradients", SCREENS)
