"""What care needs to write to a customer on behalf of surveys and complaints."""
