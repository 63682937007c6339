"""Comparisons in words: of models at several training sizes, of encoders, of methods of explanation on the scoreboard."""
