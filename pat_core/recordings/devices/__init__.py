"""Exports of research devices: one reader a format."""
