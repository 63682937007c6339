"""Training: who is split how, fine-tuning runs, pretraining."""
