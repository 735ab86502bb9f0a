"""The store: schema, migrations, repository. The only room that imports SQLAlchemy and Alembic.

Callers import `core.store.store.Store` and the values of `core.store.records`.
"""
