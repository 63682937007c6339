"""Models and what they answer: entries and cards, predictions, cautions."""
