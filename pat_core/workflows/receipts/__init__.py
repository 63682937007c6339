"""Receipts that are brought back: read with care, and held against the data that is here."""
