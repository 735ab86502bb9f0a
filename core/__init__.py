"""Everything Quarry knows and does without a screen.

No module in here imports Textual or Rich. Each outside library has one room that may import it:
``hypervisor`` (libvirt), ``store`` (SQLAlchemy, Alembic), ``remote`` (paramiko, pexpect).
"""
