"""The library of a project: its SQLite database, its artifacts, the settings and the domain model.

This package imports no other package of Komadori.
"""
