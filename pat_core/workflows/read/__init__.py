"""Bringing people in: files, their columns, their clocks, their wear, and copies among them."""
