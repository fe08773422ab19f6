"""The care matrix: by which means, and with which template, a tier is cared for on an occasion."""
