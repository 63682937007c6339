"""Figures of the lessons: arrays in, (Vega-Lite, what it shows in words) out."""
