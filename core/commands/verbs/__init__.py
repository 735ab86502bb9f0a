"""One command a file, found by its name: ``set host vm`` is ``set_host_vm.py`` and holds its `COMMAND`."""
