"""The store: schema, migrations, repository. The only room that imports SQLAlchemy and Alembic."""
