"""Lesson 6: believing a model."""

from pages.components.learn.believing_screens import SCREENS
from pages.components.learn.lesson_frame import lesson

lesson("believing", SCREENS)
