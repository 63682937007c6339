"""Exports of consumer wearables and phones: one reader a format."""
