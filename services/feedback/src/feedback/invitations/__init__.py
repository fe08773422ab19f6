"""One customer asked once about one matter: link, script, attempts."""
