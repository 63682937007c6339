"""Lesson 4: attention."""

from pages.components.learn.attention_screens import SCREENS
from pages.components.learn.lesson_frame import lesson

lesson("attention", SCREENS)
