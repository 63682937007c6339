"""What training costs, and what its recipes and models reach on real and on simulated people."""
