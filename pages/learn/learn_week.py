"""Lesson 1: what a week looks like."""

from pages.components.learn.lesson_frame import lesson
from pages.components.learn.week_screens import SCREENS

lesson("week", SCREENS)
