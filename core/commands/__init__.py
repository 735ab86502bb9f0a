"""Rocks' grammar: parse, dispatch, print.

`cli` is the door of the `quarry` executable, `dispatch` the one of the TUI's command bar. One file of `verbs/` is one
command, named after its words: ``list host vm`` is ``verbs/list_host_vm.py``.
"""
