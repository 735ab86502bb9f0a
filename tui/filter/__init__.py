"""The filter line's language: from text to a question asked of every slice. Pure.

Words are ANDed parts of a name or address; ``!x`` turns one round; ``~re`` is a pattern; ``field:value`` and
``field>number`` ask one thing; ``and``, ``or``, ``not`` and parentheses combine; ``@name`` is a saved filter.
A mistake is a value (`FilterError`) with its position, never an exception.
"""

from tui.filter.complete import complete
from tui.filter.parse import parse_filter
from tui.filter.subject import Filter, FilterContext, Subject, subject_of
from tui.filter.tokens import FilterError

__all__ = ["Filter", "FilterContext", "FilterError", "Subject", "complete", "parse_filter", "subject_of"]
