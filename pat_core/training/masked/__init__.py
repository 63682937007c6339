"""Cheaper ways to the masked autoencoder's task."""
