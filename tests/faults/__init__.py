"""Kills, freezes and crashes under load, and a checker over the recorded history.

`python -m tests.faults` runs the whole matrix, `--short` the part that `make test` has, and
`python -m tests.faults.controls` breaks each safeguard on purpose and wants the checker red.

`stand` starts PostgreSQL, Kafka, a mail server and the services; `load` lets everybody come who wants something, each
in a file of its own (`writes`, `wishes`, `clerks`, `respondents`, `leavers`, `agents`), and records a `history`;
`injury` breaks something; `watch` looks at complaints meanwhile; `observation` reads what is in the databases and
`mailboxes` at the end; `checker` and `care_checker` compare.
"""
