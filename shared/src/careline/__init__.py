"""The library that every Careline service stands on. It knows no business word."""
