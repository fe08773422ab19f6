"""Departments and who heads them."""
