"""The pytest plugin of the workspace: real servers, a clean database for each test, no way out.

Fixtures for every test folder:

`postgres_server`   URL of a PostgreSQL superuser
`kafka_bootstrap`   `host:port` of a Kafka broker
`topic_prefix`      prefix of topics that only this worker uses
`mail_server`       a GreenMail server with the mailbox `care@careline.example`
`service_database`  `service_database("customer_profile")` gives a migrated database of this worker

`python -m careline_local test-parts -- pytest -n auto` starts the servers once for all workers; where it did
not, each worker starts the ones that its tests ask for. The root conftest.py loads the modules `fixtures` and
`network` as plugins.
"""
