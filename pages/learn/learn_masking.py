"""Lesson 3: masking."""

from pages.components.learn.lesson_frame import lesson
from pages.components.learn.masking_screens import SCREENS

lesson("masking", SCREENS)
