"""libvirt's domain XML, one small module per element: frozen values that know how to become an element.

What a VM needs is decided in `core.hypervisor.definition`; here is only how libvirt writes it
(https://libvirt.org/formatdomain.html).
"""
