"""Figures for what is not two classes: several classes, an order, a value; each with an interval by person."""
