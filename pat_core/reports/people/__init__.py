"""What readers take away of many people at once."""
