"""KS: every line by itself, and commands that exclude each other. Source: the releases' kickstart grammar."""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.document.conflicts import exclusive_commands, ignoredisk_clashes
from partition_editor.findings import Finding, Fix, Span, TextEdit
from partition_editor.rules.subject import Subject, finding


def check_syntax(subject: Subject) -> Iterator[Finding]:
    """Findings KS001 … KS013, and those of other groups that a single line shows (MD005, PT007, LV007)."""
    for number, directive in subject.directives:
        if directive.word.text == "rocks":
            continue
        for problem in directive.problems:
            fixes: tuple[Fix, ...] = ()
            if problem.fix:
                changes = tuple(TextEdit(Span(number, one.column, one.length), one.text) for one in problem.fix)
                fixes = (Fix(problem.fix_label, changes),)
            yield finding(
                problem.rule,
                f"line {number}: {problem.message}",
                Span(number, problem.column, problem.length),
                fixes=fixes,
                severity=problem.severity,
            )
    for number, command, _, other in exclusive_commands(subject.directives):
        text = f"line {number}: {command} and {other} cannot be combined."
        yield finding(
            "KS010", text, subject.line_span(number), fixes=subject.remove_fix(f"remove line {number}", number)
        )
    for number, before in ignoredisk_clashes(subject.directives):
        text = f"line {number}: ignoredisk takes --drives or --only-use, not both (line {before})."
        yield finding("KS013", text, subject.line_span(number))
