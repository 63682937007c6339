"""Networks, a folder a family. Each folder can be read in one sitting; contract.py says what all of them offer."""
