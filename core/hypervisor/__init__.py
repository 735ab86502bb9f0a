"""The hypervisor door: the only room that imports libvirt.

A libvirt handle never leaves it; what leaves are the plain values of `core.hypervisor.model`.
"""
