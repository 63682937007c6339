"""Networks, a folder a family. Each folder can be read in one sitting."""
