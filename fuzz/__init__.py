"""Fuzzing: what holds of every text (`targets`), texts to begin with (`seeds`), and the run by one command (`__main__`)."""
