"""Scans, exports and training inputs on the workers of a Dask cluster.

A segment is a range of a snapshot's blocks or rows. Each worker has the snapshot's folder in its
own home folder, and answers for a segment; the caller adds the answers up, or takes them in order.
Dask is an extra: nothing here imports it before a cluster is used.
"""
