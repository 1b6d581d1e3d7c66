"""System checks on our own settings, run at every start."""
