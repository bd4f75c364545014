"""Services of the operating system: what `clerk install-workers` writes, and how each of them is started."""
