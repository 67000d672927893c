"""Office side: admits each call, starts its recording, watches it and writes its record (decision 0)."""
