"""Fetch incidents from open-data portals."""
