"""Partition programs: scripts that write ``/tmp/user_partition_info``, run in a sandbox with a node's known disks.

`run_programs` blocks for as long as the programs run: call it from a worker thread or a command.
"""

from __future__ import annotations

from partition_editor.programs.program import Program, ProgramResult, Question
from partition_editor.programs.running import run_programs

__all__ = ["Program", "ProgramResult", "Question", "run_programs"]
