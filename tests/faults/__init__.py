"""Kills, freezes and crashes under load, and a checker over the recorded history.

`python -m tests.faults` runs the whole matrix, `--short` the part that `make test` has, and
`python -m tests.faults.controls` breaks each safeguard on purpose and wants the checker red.

`stand` starts PostgreSQL, Kafka and the services; `load` writes to them and records a `history`; `injury` breaks
one of them; `observation` reads what is in the databases at the end; `checker` compares the two.
"""
