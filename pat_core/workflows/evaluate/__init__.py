"""How good a model is on people it has not learned from: who they are, all figures of them, and what else could explain them."""
