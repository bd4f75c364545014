"""Many sites on many machines: queues, workers and recovery, asked of the Prefect API over plain HTTP.

Prefect itself takes seconds to import, so nothing here imports it: its REST API is all that is needed.
"""
