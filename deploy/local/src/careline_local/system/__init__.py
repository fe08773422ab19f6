"""The whole of Careline on one machine: its parts, its five services and the gateway before them.

`python -m careline_local up` runs it for a person; tests run it in a folder and on ports of their own.
"""
