"""Ways to bring articles in from elsewhere."""
