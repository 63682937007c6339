"""One explanation method a file. Each returns an `Attribution` that carries its own error where it has one."""
