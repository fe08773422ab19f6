"""Who gets which work: the pure decision, and the decider that feeds it and carries it out."""
