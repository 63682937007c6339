"""Lesson 2: patches and tokens."""

from pages.components.learn.lesson_frame import lesson
from pages.components.learn.patches_screens import SCREENS

lesson("patches", SCREENS)
