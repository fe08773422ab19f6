"""What a supervisor sees: queues, waiting work, agents, quarantine."""
