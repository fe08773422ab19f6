"""Who works here, as the directory says; what happens to complaints when somebody leaves."""
