"""Screens and widgets whose heirs have to say something: Textual's metaclass and that of abstract classes in one."""

from __future__ import annotations

from abc import ABCMeta

from textual.message_pump import _MessagePumpMeta


class AbstractMeta(ABCMeta, _MessagePumpMeta):
    """Metaclass of such a base. A heir that leaves an abstract method out cannot be made."""
