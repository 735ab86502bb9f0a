"""The partition editor's parts: drive bars, device table, source, findings. All draw from one `Picture`."""
