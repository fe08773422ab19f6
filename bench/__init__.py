"""Benchmarks: `python -m bench` measures everything, `--only ID` one, and writes bench/latest.json.

Servers run as in production, one process each, beside a load generator in a process of its own. `bare` is the same
work done as fast as FastAPI and asyncpg can; a ratio compares with it in the same run, in turns.

A row of latest.json: `value` in `unit` with the `target` that it should reach; where something is compared, `limit`
is what the bare endpoint reached in requests a second and `ratio` is ours divided by it, otherwise both are null;
`load_1m` is the machine's load average before the measurement, because other work on it changes all figures.
"""
